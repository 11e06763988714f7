/** What the owner's policy makes of what scanners said. Findings may be made stricter, laxer or be waived; what nobody looked at stays unknown. */
import { baseName } from '../file-path.ts'
import {
  type JudgedFinding,
  moreFindings,
  type ReportedFinding,
  type ScanFacts,
  type ScannedFile,
  type Severity,
  type Verdict,
  worstFirst,
} from '../scan/scan-report.ts'
import { FIXED_RULES, MAX_WAIVER_DAYS, type ModelPolicy, type Waiver } from './model-policy.ts'
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
/** What is asked of more words than that is not told apart: every script counts as asked for. */
const MAX_ASKED_CHARACTERS = 100_000
/** Findings of the policy are found again at each judging: those that nobody would read are not kept. */
const MAX_POLICY_FINDINGS = 1000

/** All findings of scanners, judged, none cut off: what is shown of them is `showFindings`' part. */
export function judgeReport(
  facts: Pick<ScanFacts, 'files' | 'findings' | 'scanners'>,
  policy: ModelPolicy,
  { model, today }: Judging,
): JudgedReport {
  const sha256Of = new Map(facts.files.map(({ path, sha256 }) => [path, sha256]))
  const waivers = policy.waivers.filter((one) => (one.model === '*' || one.model === model) && counts(one, today))
  const waiversOf = Map.groupBy(waivers, ({ rule }) => rule)
  const asked = remoteCodeAsked(facts.findings)
  const judge = (found: ReportedFinding): JudgedFinding => {
    const action = actionOf(found, policy, asked)
    const named = action === 'info' ? undefined : waiversOf.get(found.rule)
    const waiver = named?.find((one) => matches(one, found, sha256Of.get(found.path)))
    return { ...found, action: waiver ? 'waived' : action, waiver: waiver?.name ?? null }
  }
  const ofPolicy = policyFindings(facts, policy).map(judge).toSorted(worstFirst)
  const ofScanners = facts.findings.map(judge)
  const judged = [...ofScanners, ...ofPolicy]
  const incomplete = incompleteFiles(facts, judged)
  const used = new Set(judged.map(({ waiver }) => waiver))
  return {
    verdict: verdictOf(facts, judged, incomplete),
    findings: [...ofScanners, ...mostOf(ofPolicy)].toSorted(worstFirst),
    waived: judged.filter(({ action }) => action === 'waived').length,
    expiring: waivers.filter(({ name }) => used.has(name)).flatMap((one) => expiringSoon(one, today)),
    incomplete,
  }
}

/** Until its day is over; one that was written to last longer than a year never counts. */
const counts = ({ expires }: Waiver, today: string): boolean =>
  today <= expires && Date.parse(expires) <= Date.parse(today) + MAX_WAIVER_DAYS * DAY_MS

function mostOf(ofPolicy: readonly JudgedFinding[]): JudgedFinding[] {
  const left = ofPolicy.length - MAX_POLICY_FINDINGS
  const last = ofPolicy[MAX_POLICY_FINDINGS - 1]
  if (left <= 0 || !last) return [...ofPolicy]
  return [...ofPolicy.slice(0, MAX_POLICY_FINDINGS), moreFindings(left, last)]
}

/**
 * Blocked wins over incomplete: what is known to be bad stays bad. A scan of nothing, or by nobody, is incomplete; so
 * is one whose findings were cut off, since what is not listed cannot be judged.
 */
function verdictOf(
  { files, scanners, findings }: Pick<ScanFacts, 'files' | 'scanners' | 'findings'>,
  judged: readonly JudgedFinding[],
  incomplete: readonly string[],
): Verdict {
  if (judged.some(({ action }) => action === 'block')) return 'blocked'
  const isCut = findings.some(({ rule, scanner }) => rule === 'more-findings' && scanner !== 'policy')
  const unseen = files.length === 0 || scanners.length === 0 || incomplete.length > 0 || isCut
  return unseen || judged.some(({ rule }) => rule === 'clamd-missing') ? 'incomplete' : 'clean'
}

const REMOTE_CODE_ACTION = { block: 'block', warn: 'warn', allow: 'info' } as const

/** The owner's rule for this very rule goes before the one for remote code; fixed rules keep what the scanner said. */
function actionOf(found: ReportedFinding, policy: ModelPolicy, asked: string | undefined): Severity {
  const { rule, severity, path } = found
  if (FIXED_RULES.includes(rule)) return severity
  const own = Object.hasOwn(policy.rules, rule) ? policy.rules[rule] : undefined
  if (own !== undefined) return own
  const isRemoteCode = rule === 'custom-code' || (rule === 'script' && (asked?.includes(moduleOf(path)) ?? true))
  return isRemoteCode && severity !== 'block' ? REMOTE_CODE_ACTION[policy.remote_code] : severity
}

/** What configurations ask for, e.g. `{"AutoModel":"modeling_x.XModel"}`: their words name scripts of the model. */
function remoteCodeAsked(findings: readonly ReportedFinding[]): string | undefined {
  const said = new Set(findings.filter(({ rule }) => rule === 'custom-code').map(({ evidence }) => evidence ?? ''))
  const words = [...said].join('\n')
  return words.length > MAX_ASKED_CHARACTERS ? undefined : words
}

/** "code/modeling_x.py" as auto_map names it: "modeling_x.". */
const moduleOf = (path: string): string => `${baseName(path).replace(/\.[^.]*$/, '')}.`

/** What a scanner blocks is let through for a file's content only: a name may come to mean another file or model. */
const matches = (waiver: Waiver, found: ReportedFinding, sha256: string | undefined): boolean =>
  waiver.rule === found.rule &&
  !FIXED_RULES.includes(found.rule) &&
  (waiver.path === undefined || waiver.path === found.path) &&
  (waiver.sha256 === undefined ? found.severity !== 'block' || found.scanner === 'policy' : waiver.sha256 === sha256)

function incompleteFiles(
  { files, scanners }: Pick<ScanFacts, 'files' | 'scanners'>,
  judged: readonly JudgedFinding[],
): string[] {
  const telling = judged.filter(({ rule }) => rule === 'format-not-inspected' || rule === 'scanner-failed')
  const saidOf = Map.groupBy(telling, ({ path }) => path)
  return files.filter((file) => isIncomplete(file, scanners, saidOf.get(file.path) ?? [])).map(({ path }) => path)
}

/** Some scanner has not looked at all of it, and no waiver accepts that this scanner does not know its format. */
function isIncomplete(
  file: ScannedFile,
  scanners: ScanFacts['scanners'],
  saidOfFile: readonly JudgedFinding[],
): boolean {
  return scanners.some(({ name }) => {
    const covered = file.scanned.find(({ scanner }) => scanner === name)?.bytes_covered ?? 0
    if (covered >= file.bytes) return false
    const said = saidOfFile.filter(({ scanner }) => scanner === name)
    const accepted = said.some(({ rule }) => rule === 'format-not-inspected')
    return !accepted || said.some(({ rule, action }) => rule === 'scanner-failed' || action !== 'waived')
  })
}

function expiringSoon({ name, expires }: Waiver, today: string): JudgedReport['expiring'] {
  const days_left = Math.round((Date.parse(expires) - Date.parse(today)) / DAY_MS)
  return days_left <= EXPIRING_DAYS ? [{ name, expires, days_left }] : []
}
