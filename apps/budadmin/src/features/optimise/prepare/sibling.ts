/** The guide's "start small": what the next smaller model would take, beside what was asked for. */
import type { Optimization } from '@bud/contract'
import type { Candidate } from '@bud/kernel'
import { formatCount, formatFigure, formatMs } from '../../../prepare/format.ts'
import { costText, describeConfiguration } from './result.ts'

export interface SiblingRow {
  label: string
  /** Of the smaller model. */
  small: string
  /** Of the model that was asked for; undefined when nothing of it holds the limits. */
  asked: string | undefined
}

export interface SiblingView {
  model: string
  answer: string
  rows: SiblingRow[]
}

/** undefined: the family has no smaller one, or the search is from before it was looked for. */
export function toSiblingView({ sibling, candidates, model }: Optimization): SiblingView | undefined {
  if (!sibling) return undefined
  const size = `${sibling.model} has ${formatCount(sibling.parameter_count)} parameters`
  const small = sibling.candidate
  if (!small)
    return { model: sibling.model, answer: `${size}, and nothing holds these limits with it either.`, rows: [] }
  const asked = candidates[0]
  const row = (label: string, of: (candidate: Candidate) => string): SiblingRow => ({
    label,
    small: of(small),
    asked: asked && of(asked),
  })
  return {
    model: sibling.model,
    answer: `${size} and would hold the same limits${savingText(small.prediction.cost_usd_per_hour, asked?.prediction.cost_usd_per_hour)}. Whether its answers are good enough is yours to judge, against ${model.name}.`,
    rows: [
      row('Configuration', ({ deployment }) => describeConfiguration(deployment)),
      row('Cost', ({ prediction }) => costText(prediction.cost_usd_per_hour)),
      row('End-to-end latency, p99', ({ prediction }) => formatMs(prediction.e2e_ms_p99.value)),
      row('Output at most', ({ prediction }) => `${formatFigure(prediction.max_output_tokens_per_s.value)} tokens/s`),
    ],
  }
}

function savingText(small: number | null, asked: number | null | undefined): string {
  if (small === null || asked === null || asked === undefined || small >= asked) return ''
  return ` for ${formatFigure(Math.round(100 * (1 - small / asked)))} % less`
}
