/** `node e2e/scan/write-table.ts`: runs every scanner over the corpus and writes docs/scanners.md. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { corpus } from '../../packages/budmodel/src/testing/corpus/index.ts'
import { judgeCorpus } from './judge-corpus.ts'
import { missingParts } from './parts.ts'
import { scannersTable } from './scanners-table.ts'

const missing = await missingParts({ require: true })
if (missing.length > 0) throw new Error(`Missing: ${missing.join('; ')}`)
writeFileSync(join(import.meta.dirname, '../../docs/scanners.md'), scannersTable(corpus, await judgeCorpus()))
