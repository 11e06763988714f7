/** The guide's "New Model Deployment", step by step, against a running Foundry. Cleans up behind itself. */
import { messageOf } from '@bud/kernel'
import { heading } from '../output.ts'
import type { Cli } from '../verb.ts'
import { fireAndResolve } from './fire-alert.ts'
import {
  chatBothWays,
  checkHealth,
  deleteEndpoint,
  deployApproved,
  optimiseAndApprove,
  pushSample,
  readMetrics,
  scaleUp,
  updateUnderTraffic,
} from './steps.ts'

export interface DemoOptions {
  model: string
  cluster: string
  keep: boolean
}

/** What later steps need to know of earlier ones. */
export interface DemoState extends DemoOptions {
  cli: Cli
  endpoint: string
  approvalId: string
  /** Removed at the end, also after a failure. */
  sampleModel: string | undefined
}

export interface StepReport {
  step: string
  ok: boolean
  seconds: number
  detail: string
}

type Step = [title: string, run: (state: DemoState) => Promise<string>]

const steps: Step[] = [
  ['Is everything well?', checkHealth],
  ['1 Bring a model: write a sample folder, push it, scan it', pushSample],
  ['2–3 Optimise for a cluster under targets', optimiseAndApprove],
  ['4–5 Deploy the approved configuration', deployApproved],
  ['6 Verify: chat through the gateway, whole and streamed', chatBothWays],
  ['8 Monitor: the five metrics', readMetrics],
  ['Alert: push it over its limit, queue_depth fires and resolves', fireAndResolve],
  ['Scale horizontally', scaleUp],
  ['Re-optimise, rolling update under traffic', updateUnderTraffic],
]

export async function runDemo(cli: Cli, options: DemoOptions): Promise<StepReport[]> {
  const state: DemoState = {
    ...options,
    cli,
    endpoint: `demo-${Math.random().toString(36).slice(2, 6)}`,
    approvalId: '',
    sampleModel: undefined,
  }
  const reports: StepReport[] = []
  for (const step of steps) {
    const report = await runStep(step, state)
    reports.push(report)
    if (!report.ok) break
  }
  if (!options.keep) reports.push(await runStep(['Delete: traffic first, then replicas', deleteEndpoint], state))
  return reports
}

async function runStep([step, run]: Step, state: DemoState): Promise<StepReport> {
  state.cli.say(`\n${heading(step)}`)
  const startedMs = performance.now()
  const report = (ok: boolean, detail: string): StepReport => {
    state.cli.say(`  ${detail.replaceAll('\n', '\n  ')}`)
    return { step, ok, seconds: Math.round((performance.now() - startedMs) / 100) / 10, detail }
  }
  try {
    return report(true, await run(state))
  } catch (error) {
    return report(false, `✗ ${messageOf(error)}`)
  }
}
