import { expect, test } from 'vitest'
import { scatter } from './scatter.ts'

const x = { name: '$ per hour', format: (value: number) => value.toFixed(0) }
const y = { name: 'tok/s', format: (value: number) => value.toFixed(0) }

test('points stand where their figures put them: dear to the right, fast at the top', () => {
  const lines = scatter(
    [
      { x: 1, y: 10, mark: '1' },
      { x: 5, y: 50, mark: '2' },
      { x: 9, y: 90, mark: '★' },
    ],
    x,
    y,
  ).split('\n')
  const place = (mark: string) => {
    const row = lines.findIndex((line) => line.includes(mark) && line.includes('┤'))
    return { row, column: lines[row]?.indexOf(mark) ?? -1 }
  }
  expect(place('★').row).toBeLessThan(place('2').row)
  expect(place('2').row).toBeLessThan(lines.findLastIndex((line) => line.includes('┤')))
  expect(place('★').column).toBeGreaterThan(place('2').column)
  expect(lines.at(-1)).toMatch(/^ +1 +9 {2}\$ per hour$/)
})

test('one point, equal points and none are drawn without ado', () => {
  expect(scatter([], x, y)).toBe('')
  const one = scatter([{ x: 3, y: 0, mark: '★' }], x, y)
  expect(one).toContain('★')
  expect(
    scatter(
      [
        { x: 3, y: 7, mark: 'a' },
        { x: 3, y: 7, mark: 'b' },
      ],
      x,
      y,
    ),
  ).toMatch(/^(?!.*┤ *b)/)
})
