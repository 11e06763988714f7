/** Whether a model under a licence may be deployed to a stage, and why. */
import type { Reason, Stage } from '@bud/kernel'
import { type Licence, type LicenceClass, partsOf } from '../licences/licence.ts'
import type { LicenceAction, ModelPolicy } from './model-policy.ts'

export interface LicenceVerdict {
  action: LicenceAction
  /** Empty when it is simply allowed; else what decided, then each condition of the licence. */
  reasons: Reason[]
}

const STRICTNESS: readonly LicenceAction[] = ['allow', 'warn', 'block']
const CLASS_SAYS: Record<LicenceClass, string> = {
  permissive: 'is permissive',
  conditional: 'sets conditions',
  'non-commercial': 'does not allow commercial use',
  unknown: 'is not one whose terms are known',
}

/** `licence` null: nobody has stated one, which is unknown. */
export function judgeLicence(
  licence: Licence | null,
  stage: Stage,
  { licences }: Pick<ModelPolicy, 'licences'>,
): LicenceVerdict {
  const licenceClass = licence?.class ?? 'unknown'
  const ofClass: Rule = { rule: `licences.${stage}.${licenceClass}`, action: licences[stage][licenceClass] }
  const decisive = licence ? ruleFor(licence, licences.ids, ofClass) : ofClass
  if (decisive.action === 'allow') return { action: 'allow', reasons: [] }
  return { action: decisive.action, reasons: [decision(licence, stage, decisive), ...conditionsOf(licence)] }
}

interface Rule {
  /** Where the policy says so. */
  rule: string
  action: LicenceAction
}

/** Of licences that hold at once the strictest rule; the class counts too unless the owner has named them all. */
function ruleFor(licence: Licence, ids: Readonly<Record<string, LicenceAction>>, ofClass: Rule): Rule {
  const named = new Map(
    Object.entries(ids).map(([id, action]) => [id.toLowerCase(), { rule: `licences.ids.${id}`, action }]),
  )
  const whole = named.get(licence.id.toLowerCase())
  if (whole) return whole
  const parts = partsOf(licence)
  const found = parts.flatMap((id) => named.get(id.toLowerCase()) ?? [])
  const counting = found.length === parts.length ? found : [ofClass, ...found]
  return counting.reduce((strictest, one) => (isStricter(one.action, strictest.action) ? one : strictest))
}

const isStricter = (a: LicenceAction, b: LicenceAction): boolean => STRICTNESS.indexOf(a) > STRICTNESS.indexOf(b)

function decision(licence: Licence | null, stage: Stage, { rule, action }: Rule): Reason {
  const subject = licence ? `The licence ${licence.name} ${CLASS_SAYS[licence.class]}` : 'No licence is stated'
  const effect = action === 'block' ? `the policy blocks it in ${stage}` : `the policy warns about it in ${stage}`
  return {
    code: action === 'block' ? 'licence-blocked' : 'licence-warning',
    message: `${subject}: ${effect}.`,
    evidence: `${rule}: ${action}`,
    next_step:
      action === 'block'
        ? 'Choose a model under another licence, or have the owner of the policy allow this one by its id.'
        : 'Check that what you do with it keeps to its terms.',
  }
}

const conditionsOf = (licence: Licence | null): Reason[] =>
  (licence?.conditions ?? []).map(({ kind, text }) => ({ code: `licence-${kind}`, message: text }))
