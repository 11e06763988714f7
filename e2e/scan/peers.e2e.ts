/** Ours beside the scanners of PyPI, on one corpus: all attacks are caught, no sound model is flagged, and the table is true. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { corpus } from '../../packages/budmodel/src/testing/corpus/index.ts'
import { type Judgements, judgeCorpus, PEERS } from './judge-corpus.ts'
import { scannersTable } from './scanners-table.ts'

let judgements: Judgements
beforeAll(async () => {
  judgements = await judgeCorpus()
})

const ofKind = (kind: 'malicious' | 'clean') => corpus.filter((one) => one.kind === kind)

test('ours catches every attack', () => {
  const missed = ofKind('malicious').filter(({ name }) => judgements.ours[name]?.outcome !== 'caught')
  expect(missed.map(({ name }) => name)).toEqual([])
})

test('ours has nothing to say against a sound model, and reads each completely', () => {
  const said = ofKind('clean').map(({ name }) => ({ name, ...judgements.ours[name] }))
  expect(said).toEqual(ofKind('clean').map(({ name }) => ({ name, outcome: 'clean', said: '' })))
})

test.each(PEERS)('%s takes part: it has an answer to each case, catches some and lets sound models pass', (peer) => {
  const { said } = judgements.peers[peer]
  expect(Object.keys(said).sort()).toEqual(corpus.map(({ name }) => name).sort())
  const outcomes = (kind: 'malicious' | 'clean') => ofKind(kind).map(({ name }) => said[name]?.outcome)
  const caught = outcomes('malicious').filter((outcome) => outcome === 'caught').length
  const flagged = outcomes('clean').filter((outcome) => outcome === 'caught').length
  console.log(
    `${peer}: caught ${caught} of ${ofKind('malicious').length}, called ${flagged} of ${ofKind('clean').length} sound models dangerous`,
  )
  expect(caught).toBeGreaterThan(20)
  expect(outcomes('clean')).toContain('clean')
})

test('the committed table is what this run gives', () => {
  const committed = readFileSync(join(import.meta.dirname, '../../docs/scanners.md'), 'utf8')
  expect(committed, 'Write it again: node e2e/scan/write-table.ts').toBe(scannersTable(corpus, judgements))
})
