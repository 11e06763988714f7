/** What all built-in scanners say of one case of the corpus. */
import { createFormatScanner } from '../../adapters/format-scanner.ts'
import { createSecretScanner } from '../../adapters/secret-scanner.ts'
import { createSignatureScanner } from '../../adapters/signature-scanner.ts'
import { oddPathReason } from '../../domain/file-path.ts'
import { fileInMemory } from '../../domain/formats/ranged-file.ts'
import { type Finding, finding } from '../../domain/scan/scan-report.ts'
import type { CorpusCase } from './corpus-case.ts'

export interface CaseScan {
  findings: Finding[]
  /** Every byte of every file was looked at by every scanner. */
  isComplete: boolean
}

/** One for all cases: each has threads of its own. */
const formats = createFormatScanner()

export async function scanCase({ files }: CorpusCase): Promise<CaseScan> {
  const streams = [createSignatureScanner(), createSecretScanner()]
  const findings: Finding[] = []
  let isComplete = true
  for (const [path, content] of Object.entries(files)) {
    const odd = oddPathReason(path)
    if (odd) findings.push(finding('block', 'odd-name', `The name of a file ${odd}.`))
    const scans = [await formats.scan(fileInMemory(path, content))]
    for (const scanner of streams) {
      const watch = scanner.watch(path, content.length)
      await watch.push(content)
      scans.push(await watch.end())
    }
    for (const scan of scans) {
      findings.push(...scan.findings)
      if (scan.bytes_covered < content.length) isComplete = false
    }
  }
  return { findings, isComplete }
}
