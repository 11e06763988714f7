import { expect, test } from 'vitest'
import { progressLine, timeLeft } from './push-view.ts'

const progress = { done: 250e6, total: 1e9, files: 1, fileCount: 3, bytesPerSecond: 0, reading: undefined }

test('a line tells bytes, files, rate and time left', () => {
  expect(progressLine({ ...progress, bytesPerSecond: 50e6 })).toBe(
    '█████░░░░░░░░░░░░░░░ 250 MB of 1 GB · 1 of 3 files · 50 MB/s · 15 s left',
  )
})

test('a line says what is being read while nothing goes over yet', () => {
  expect(progressLine({ ...progress, done: 0, fileCount: 1, files: 0, reading: 'a.safetensors' })).toBe(
    '░░░░░░░░░░░░░░░░░░░░ 0 B of 1 GB · 0 of 1 file · reading a.safetensors',
  )
})

test.each([
  [0.2, '1 s'],
  [59, '59 s'],
  [75, '1 min 15 s'],
  [7260, '2 h 1 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(timeLeft(seconds)).toBe(text)
})
