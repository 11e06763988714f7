/** The first run's five steps, ticked from what has really happened: a step that did not happen is never shown as done. */
import type { Endpoint, Optimization } from '@bud/contract'

export type StepName = 'choose' | 'limits' | 'approve' | 'deploy' | 'chat'

export interface ChecklistStep {
  name: StepName
  title: string
  text: string
  /** skipped: not needed, because a deployment was made without it. */
  state: 'done' | 'skipped' | 'next' | 'later'
}

export interface Progress {
  registeredModels: number
  optimizations: readonly Optimization[]
  endpoints: readonly Endpoint[]
  /** A key has been used on the gateway. */
  answered: boolean
}

const steps: readonly Pick<ChecklistStep, 'name' | 'title' | 'text'>[] = [
  { name: 'choose', title: 'Choose a model', text: 'From the catalogue, or register your own.' },
  { name: 'limits', title: 'State limits', text: 'Latency, throughput, budget; the search finds what holds them.' },
  { name: 'approve', title: 'Approve', text: 'Review the recommended configuration, edit it if you like.' },
  { name: 'deploy', title: 'Deploy', text: 'Validated, started, verified and routed before it is called ready.' },
  { name: 'chat', title: 'Chat', text: 'Through the gateway, as any OpenAI client would.' },
]

/** undefined once the walk is done. */
export function toChecklist(progress: Progress): ChecklistStep[] | undefined {
  const done = doneSteps(progress)
  if (done.has('deploy') && done.has('chat')) return undefined
  const lastDone = steps.findLastIndex((step) => done.has(step.name))
  return steps.map((step, index) => {
    if (done.has(step.name)) return { ...step, state: 'done' }
    if (index < lastDone) return { ...step, state: 'skipped' }
    return { ...step, state: index === lastDone + 1 ? 'next' : 'later' }
  })
}

function doneSteps({ registeredModels, optimizations, endpoints, answered }: Progress): Set<StepName> {
  const done = new Set<StepName>()
  if (registeredModels > 0 || optimizations.length > 0 || endpoints.length > 0) done.add('choose')
  if (optimizations.length > 0) done.add('limits')
  if (optimizations.some((one) => one.approval !== null)) done.add('approve')
  if (endpoints.some((endpoint) => endpoint.ready_replicas > 0)) done.add('deploy')
  if (answered) done.add('chat')
  return done
}
