/** What the policy itself finds in a scan: formats it does not want, and a scanner it wants that did not look. */
import { finding, type ReportedFinding, type ScanFacts, type Severity } from '../scan/scan-report.ts'
import type { ModelPolicy } from './model-policy.ts'
import { otherWeightFormat } from './weight-format.ts'

type Facts = Pick<ScanFacts, 'files' | 'scanners'>

const CLAMD = 'clamd'
const MAX_FILES_NAMED = 20

export function policyFindings(
  { files, scanners }: Facts,
  { safetensors_only, clamd }: ModelPolicy,
): ReportedFinding[] {
  const found: ReportedFinding[] = []
  if (safetensors_only) {
    for (const file of files) {
      const format = otherWeightFormat(file)
      if (format !== undefined) found.push(notSafetensors(file.path, format))
    }
  }
  if (clamd === 'required') found.push(...withoutClamd({ files, scanners }))
  return found
}

const notSafetensors = (path: string, format: string): ReportedFinding =>
  ofPolicy('block', 'not-safetensors', path, `${path} is ${format}; the policy takes weights in safetensors only.`)

/** Fails closed: named here, and the verdict is incomplete whatever else was found. */
function withoutClamd({ files, scanners }: Facts): ReportedFinding[] {
  if (!scanners.some(({ name }) => name === CLAMD)) {
    return [ofPolicy('warn', 'clamd-missing', 'policy', 'The policy requires ClamAV, and no clamd is set up.')]
  }
  const missed = files.filter((file) => clamdBytes(file) < file.bytes)
  return missed
    .slice(0, MAX_FILES_NAMED)
    .map((file) =>
      ofPolicy(
        'warn',
        'clamd-missing',
        file.path,
        `ClamAV looked at ${clamdBytes(file)} of ${file.bytes} bytes of ${file.path}; the policy requires all.`,
      ),
    )
}

const clamdBytes = ({ scanned }: Facts['files'][number]): number =>
  scanned.find(({ scanner }) => scanner === CLAMD)?.bytes_covered ?? 0

const ofPolicy = (severity: Severity, rule: string, path: string, message: string): ReportedFinding => ({
  ...finding(severity, rule, message),
  path,
  scanner: 'policy',
})
