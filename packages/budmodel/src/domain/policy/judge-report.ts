/** What the owner's policy makes of what scanners said. Findings may be made stricter, laxer or be waived; what nobody looked at stays unknown. */
import { baseName } from '../file-path.ts'
import type { JudgedFinding, ReportedFinding, ScanFacts, ScannedFile, Severity, Verdict } from '../scan/scan-report.ts'
import { FIXED_RULES, type ModelPolicy, type Waiver } from './model-policy.ts'
import { policyFindings } from './policy-findings.ts'

export interface JudgedReport {
  verdict: Verdict
  /** Worst first, then by file. */
  findings: JudgedFinding[]
  /** How many findings waivers let through. */
  waived: number
  /** Waivers that this verdict needs and that end within two weeks. */
  expiring: { name: string; expires: string; days_left: number }[]
  /** Files that are not fully looked at, but for what waivers accept. */
  incomplete: string[]
}

export interface Judging {
  /** The model's name, as waivers give it. */
  model: string
  /** YYYY-MM-DD in UTC; a waiver counts until its day is over. */
  today: string
}

const DAY_MS = 24 * 60 * 60 * 1000
const EXPIRING_DAYS = 14

export function judgeReport(
  facts: Pick<ScanFacts, 'files' | 'findings' | 'scanners'>,
  policy: ModelPolicy,
  { model, today }: Judging,
): JudgedReport {
  const sha256Of = new Map(facts.files.map(({ path, sha256 }) => [path, sha256]))
  const waivers = policy.waivers.filter((one) => (one.model === '*' || one.model === model) && today <= one.expires)
  const asked = remoteCodeAsked(facts.findings)
  const judged = [...facts.findings, ...policyFindings(facts, policy)].map((found): JudgedFinding => {
    const action = actionOf(found, policy, asked)
    const waiver = action === 'info' ? undefined : waivers.find((one) => matches(one, found, sha256Of.get(found.path)))
    return { ...found, action: waiver ? 'waived' : action, waiver: waiver?.name ?? null }
  })
  const incomplete = facts.files.filter((file) => isIncomplete(file, facts.scanners, judged)).map(({ path }) => path)
  const used = new Set(judged.map(({ waiver }) => waiver))
  return {
    verdict: verdictOf(facts, judged, incomplete),
    findings: judged.toSorted(worstFirst),
    waived: judged.filter(({ action }) => action === 'waived').length,
    expiring: waivers.filter(({ name }) => used.has(name)).flatMap((one) => expiringSoon(one, today)),
    incomplete,
  }
}

/** Blocked wins over incomplete: what is known to be bad stays bad. A scan of nothing, or by nobody, is incomplete. */
function verdictOf(
  { files, scanners }: Pick<ScanFacts, 'files' | 'scanners'>,
  judged: readonly JudgedFinding[],
  incomplete: readonly string[],
): Verdict {
  if (judged.some(({ action }) => action === 'block')) return 'blocked'
  const unseen = files.length === 0 || scanners.length === 0 || incomplete.length > 0
  return unseen || judged.some(({ rule }) => rule === 'clamd-missing') ? 'incomplete' : 'clean'
}

const REMOTE_CODE_ACTION = { block: 'block', warn: 'warn', allow: 'info' } as const

/** The owner's rule for this very rule goes before the one for remote code; fixed rules keep what the scanner said. */
function actionOf(found: ReportedFinding, policy: ModelPolicy, asked: string): Severity {
  const { rule, severity, path } = found
  if (FIXED_RULES.includes(rule)) return severity
  const own = Object.hasOwn(policy.rules, rule) ? policy.rules[rule] : undefined
  if (own !== undefined) return own
  const isRemoteCode = rule === 'custom-code' || (rule === 'script' && asked.includes(moduleOf(path)))
  return isRemoteCode && severity !== 'block' ? REMOTE_CODE_ACTION[policy.remote_code] : severity
}

/** What configurations ask for, e.g. `{"AutoModel":"modeling_x.XModel"}`: their words name scripts of the model. */
const remoteCodeAsked = (findings: readonly ReportedFinding[]): string =>
  findings
    .filter(({ rule }) => rule === 'custom-code')
    .map(({ evidence }) => evidence ?? '')
    .join('\n')

/** "code/modeling_x.py" as auto_map names it: "modeling_x.". */
const moduleOf = (path: string): string => `${baseName(path).replace(/\.[^.]*$/, '')}.`

const matches = (waiver: Waiver, found: ReportedFinding, sha256: string | undefined): boolean =>
  waiver.rule === found.rule &&
  !FIXED_RULES.includes(found.rule) &&
  (waiver.path === undefined || waiver.path === found.path) &&
  (waiver.sha256 === undefined || waiver.sha256 === sha256)

/** Some scanner has not looked at all of it, and no waiver accepts that this scanner does not know its format. */
function isIncomplete(file: ScannedFile, scanners: ScanFacts['scanners'], judged: readonly JudgedFinding[]): boolean {
  return scanners.some(({ name }) => {
    const covered = file.scanned.find(({ scanner }) => scanner === name)?.bytes_covered ?? 0
    if (covered >= file.bytes) return false
    const said = judged.filter(({ path, scanner }) => path === file.path && scanner === name)
    const unknownFormat = said.filter(({ rule }) => rule === 'format-not-inspected')
    const accepted = unknownFormat.length > 0 && unknownFormat.every(({ action }) => action === 'waived')
    return !accepted || said.some(({ rule }) => rule === 'scanner-failed')
  })
}

function expiringSoon({ name, expires }: Waiver, today: string): JudgedReport['expiring'] {
  const days_left = Math.round((Date.parse(expires) - Date.parse(today)) / DAY_MS)
  return days_left <= EXPIRING_DAYS ? [{ name, expires, days_left }] : []
}

const ORDER: Record<JudgedFinding['action'], number> = { block: 0, warn: 1, waived: 2, info: 3 }

const worstFirst = (a: JudgedFinding, b: JudgedFinding): number =>
  ORDER[a.action] - ORDER[b.action] || (a.path < b.path ? -1 : a.path > b.path ? 1 : (a.offset ?? 0) - (b.offset ?? 0))
