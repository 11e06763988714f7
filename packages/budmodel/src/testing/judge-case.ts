/** What the format-aware scan says of a corpus case: the same question for every format's test. */
import { fileInMemory } from '../domain/formats/ranged-file.ts'
import { inspectFile } from '../domain/scan/inspect-file.ts'
import type { CorpusCase } from './corpus/corpus-case.ts'

export interface CaseVerdict {
  blocked_by: string[]
  warned_by: string[]
  /** Paths that were not looked at in full. */
  not_covered: string[]
}

export async function judgeCase({ files }: Pick<CorpusCase, 'files'>): Promise<CaseVerdict> {
  const verdict: CaseVerdict = { blocked_by: [], warned_by: [], not_covered: [] }
  for (const [path, content] of Object.entries(files)) {
    const scan = await inspectFile(fileInMemory(path, content))
    for (const { severity, rule } of scan.findings) {
      if (severity === 'block') verdict.blocked_by.push(rule)
      if (severity === 'warn') verdict.warned_by.push(rule)
    }
    if (scan.bytes_covered < content.length) verdict.not_covered.push(path)
  }
  return verdict
}
