/** Can I trust it, may I use it, does it run: the answers at the top of a model's page. */
import type { Lineage, ModelDetail, ModelLicence } from '@bud/contract'
import { plural } from '../../../prepare/format.ts'
import type { Tone } from '../../../prepare/states.ts'
import { gpusText } from './listing.ts'

export interface Answer {
  tone: Tone
  word: string
  detail: string
}

type Verdict = ModelDetail['licence_verdicts'][number]

const actions: Record<Verdict['action'], Pick<Answer, 'tone' | 'word'>> = {
  allow: { tone: 'good', word: 'Allowed' },
  warn: { tone: 'warn', word: 'Allowed, with a warning' },
  block: { tone: 'bad', word: 'Not allowed' },
}

/** What the policy says about using the licence in production. */
export function licenceAnswer(model: Pick<ModelDetail, 'licence' | 'licence_verdicts'>): Answer {
  const verdict = model.licence_verdicts.find(({ stage }) => stage === 'production')
  const detail = model.licence ? `${model.licence.name}, ${model.licence.class}` : 'No licence is stated.'
  return verdict ? { ...actions[verdict.action], detail } : { tone: 'idle', word: 'Not judged', detail }
}

export const verdictAnswer = ({ action, stage }: Verdict): Pick<Answer, 'tone' | 'word'> => ({
  ...actions[action],
  word: `${stage}: ${actions[action].word.toLowerCase()}`,
})

/** The verdicts without the licence's conditions, where those are listed already. */
export function withoutConditions({
  licence_verdicts,
  licence_detail,
}: Pick<ModelDetail, 'licence_verdicts' | 'licence_detail'>): Verdict[] {
  const listed = new Set(licence_detail?.conditions.map(({ text }) => text))
  return licence_verdicts.map((verdict) => ({
    ...verdict,
    reasons: verdict.reasons.filter(({ message }) => !listed.has(message)),
  }))
}

export interface FitRow extends Answer {
  id: string
  name: string
}

/** How many clusters the answer at the top names. */
export const NAMED_FITS = 4

/** What runs now first, then what would with other work gone. */
export function toFitRows(fits: ModelDetail['fits']): FitRow[] {
  return fits
    .map((fit) => ({ fit, row: { id: fit.cluster_id, name: fit.cluster_name, ...fitAnswer(fit) } }))
    .toSorted((a, b) => rank(a.fit) - rank(b.fit) || a.row.name.localeCompare(b.row.name))
    .map(({ row }) => row)
}

const rank = ({ fits, fits_now }: ModelDetail['fits'][number]): number => (fits_now ? 0 : fits ? 1 : 2)

function fitAnswer({ fits, fits_now, gpu_type, gpu_count }: ModelDetail['fits'][number]): Answer {
  const gpus = gpu_type === null ? '' : gpusText({ gpu: gpu_type, gpu_count: gpu_count ?? 1 })
  if (fits_now) return { tone: 'good', word: 'fits now', detail: gpus }
  if (fits) return { tone: 'warn', word: 'fits once GPUs are free', detail: gpus }
  return { tone: 'idle', word: 'does not fit', detail: '' }
}

/** "Fits on 2 of 3 clusters." */
export function fitsText(fits: ModelDetail['fits']): Pick<Answer, 'tone' | 'word'> {
  const now = fits.filter((fit) => fit.fits_now).length
  const later = fits.filter((fit) => fit.fits).length
  if (fits.length === 0) return { tone: 'idle', word: 'No cluster to ask' }
  if (now > 0) return { tone: 'good', word: `Fits now on ${now} of ${plural(fits.length, 'cluster')}` }
  if (later > 0) return { tone: 'warn', word: `Fits on ${later} of ${plural(fits.length, 'cluster')}, none free now` }
  return { tone: 'bad', word: 'Fits on no cluster' }
}

const licenceSources: Record<ModelLicence['source'], string> = {
  'model-card': 'from the model card',
  'licence-file': 'from the licence file',
  gguf: 'from the GGUF file',
  request: 'as the registration claims',
  catalogue: 'from the catalogue',
  inherited: 'inherited',
}

export const licenceSource = ({ source, from }: Pick<ModelLicence, 'source' | 'from'>): string =>
  from ? `${licenceSources[source]} from ${from}` : licenceSources[source]

const relations: Record<Lineage['relation'], { base: string; derived: string }> = {
  'adapter-of': { base: 'Adapter of', derived: 'adapter' },
  'quantised-from': { base: 'Quantised from', derived: 'quantised' },
  'fine-tuned-from': { base: 'Fine-tuned from', derived: 'fine-tuned' },
  'merged-from': { base: 'Merged from', derived: 'merged' },
}

export const relationText = (relation: Lineage['relation']) => relations[relation]
