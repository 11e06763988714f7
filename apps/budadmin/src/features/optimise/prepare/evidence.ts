/** What stands behind a prediction, in words. */
import type { Evidence, Prediction } from '@bud/kernel'
import { plural } from '../../../prepare/format.ts'
import type { Tone } from '../../../prepare/states.ts'

export interface EvidenceLine {
  tone: Tone
  text: string
}

const novelties: Record<Evidence['novelty'], EvidenceLine> = {
  measured: { tone: 'good', text: 'This model architecture and this GPU are among the measured ones.' },
  'new-engine': {
    tone: 'idle',
    text: 'Model and GPU were measured, but not together with this engine under such loads: intervals are wider.',
  },
  'new-model': { tone: 'idle', text: 'This model architecture was never measured: intervals are wider.' },
  'new-gpu': { tone: 'idle', text: 'This GPU was never measured: intervals are wider.' },
  'new-model-and-gpu': {
    tone: 'warn',
    text: 'Neither this model architecture nor this GPU was ever measured: intervals are much wider.',
  },
}

/** Predictions from before intervals were stated have none of it. */
export function toEvidenceLines({ evidence, ttft_ms, tpot_ms }: Prediction): EvidenceLine[] {
  if (!evidence) {
    const stated = ttft_ms.high !== null || tpot_ms.high !== null
    return stated ? [] : [{ tone: 'idle', text: 'The predictor of that time stated no intervals.' }]
  }
  return [
    novelties[evidence.novelty],
    {
      tone: 'idle',
      text: `Intervals are as wide as predictions of ${groupWords(evidence.interval_group)} were off when measured.`,
    },
    evidence.observations > 0
      ? {
          tone: 'good',
          text: `Refined by ${plural(evidence.observations, 'live observation')}${versionText(evidence.refinement)}.`,
        }
      : { tone: 'idle', text: 'Not refined by live observations yet.' },
  ]
}

/** "refinement-3" is the third. */
const versionText = (refinement: string | null): string =>
  refinement === null ? '' : ` (version ${refinement.replace(/^refinement-/, '')})`

const groups: Readonly<Record<string, string>> = {
  'closed-loop': 'steady loads',
  'open-loop': 'loads that arrive at a rate',
  'static-batch': 'fixed batches',
  burst: 'bursts',
  offline: 'batch jobs',
  legacy: 'engines of earlier years',
}

/** "closed-loop, waiting": the kind of load, and whether requests waited for a place. */
function groupWords(group: string): string {
  const [kind = group, ...rest] = group.split(', ')
  const words = groups[kind] ?? `“${kind}” loads`
  return rest.includes('waiting') ? `${words} with requests that wait for a place` : words
}
