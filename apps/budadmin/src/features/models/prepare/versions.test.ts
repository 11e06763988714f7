import { expect, test } from 'vitest'
import { detailOf, versionOf } from '../testing/sample-models.ts'
import { actsOf, lossText, referenceOf, tabsOf, usersWithVersion } from './versions.ts'

const labels = (version: Parameters<typeof actsOf>[0]) => actsOf(version).map(({ label }) => label)

test('what may be done follows from state, aliases and use', () => {
  expect(labels(versionOf(1))).toEqual(['Point staging here', 'Point production here', 'Archive', 'Delete version …'])
  expect(labels(versionOf(1, { aliases: ['production'], used_by: 2 }))).toEqual([
    'Point staging here',
    'Take production away',
    'Delete version …',
  ])
  const archived = versionOf(1, { state: { name: 'archived', since: '', reasons: [] } })
  expect(labels(archived)).toEqual(['Restore', 'Delete version …'])
})

test('a version is asked for by its number', () => {
  expect(referenceOf('model-1', 3)).toBe('model-1@3')
  expect(referenceOf('model-1', undefined)).toBe('model-1')
})

test('deleting a model says what of all versions goes', () => {
  expect(lossText({ versions: [versionOf(2), versionOf(1)] })).toContain('6 files (2 kB) of all 2 versions')
})

test('endpoints name their version only where there are several', () => {
  const used_by = [{ endpoint_id: 'ep-1', endpoint_name: 'chat', version_id: 'mver-1' }]
  expect(usersWithVersion({ used_by, versions: [versionOf(1)] })[0]?.version).toBeUndefined()
  expect(usersWithVersion({ used_by, versions: [versionOf(2), versionOf(1)] })[0]?.version).toBe(1)
})

test('a catalogue entry has neither scans nor files nor versions', () => {
  expect(tabsOf(detailOf('m', { origin: 'catalogue' })).map(({ name }) => name)).toEqual(['overview', 'performance'])
  expect(tabsOf(detailOf('m', { file_count: 12 }))).toContainEqual({ name: 'files', label: 'Files (12)' })
})
