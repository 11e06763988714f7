/** The guide's "New Model Deployment", step by step, against a running Foundry. Cleans up behind itself. */
import { bud } from '../config.ts'
import { explainError, isConnectionError } from '../errors.ts'
import { inCommands } from '../hints.ts'
import { heading, reasons } from '../output.ts'
import type { Cli } from '../verb.ts'
import { fireAndResolve } from './fire-alert.ts'
import { readMetrics } from './read-metrics.ts'
import {
  approve,
  chatBothWays,
  checkHealth,
  deleteEndpoint,
  deployApproved,
  nameTheRoute,
  optimise,
  pushSample,
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
  optimizationId: string
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
  ['Before: is everything well?', checkHealth],
  ['1 Select a model: from the registry, or bring your own (push, scan)', pushSample],
  ['2 + 3 Choose the cluster, optimise under targets', optimise],
  ['4 Review and approve', approve],
  ['5 Deploy the approved configuration', deployApproved],
  ['6 Verify with test traffic: whole and streamed', chatBothWays],
  ['7 Route: the URL that clients use', nameTheRoute],
  ['8 Monitor: measured beside predicted', readMetrics],
  ['Beyond: too many requests, an alert fires and resolves', fireAndResolve],
  ['Beyond: scale horizontally', scaleUp],
  ['Beyond: re-optimise, rolling update under traffic', updateUnderTraffic],
]

export async function runDemo(cli: Cli, options: DemoOptions): Promise<StepReport[]> {
  const state: DemoState = {
    ...options,
    cli,
    endpoint: `demo-${Math.random().toString(36).slice(2, 6)}`,
    optimizationId: '',
    approvalId: '',
    sampleModel: undefined,
  }
  const reports: StepReport[] = []
  for (const step of steps) {
    const report = await runStep(step, state)
    reports.push(report)
    if (!report.ok) break
  }
  if (!options.keep) reports.push(await runStep(['Clean up: traffic first, then replicas', deleteEndpoint], state))
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
    if (isConnectionError(error) && !(await answers(state.cli))) {
      if (state.approvalId)
        state.cli.say(`  The endpoint stays; once a Foundry runs again: "${bud(`endpoint delete ${state.endpoint}`)}".`)
      throw error
    }
    const { message, reasons: list } = explainError(error, state.cli.connection)
    return report(false, [`✗ ${inCommands(message)}`, ...(list.length > 0 ? [reasons(list)] : [])].join('\n'))
  }
}

const answers = (cli: Cli): Promise<boolean> =>
  cli.client.system.info().then(
    () => true,
    (error) => !isConnectionError(error),
  )
