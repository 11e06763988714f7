/** Evaluates every rule of every endpoint, keeps what is open, writes it down and says what changed. */
import type { AlertRule } from '@bud/kernel'
import { assessAlert, resolveDeleted } from '../domain/assess-alert.ts'
import { assessCondition } from '../domain/assess-condition.ts'
import { type Measurement, measure } from '../domain/measurement.ts'
import type { ScrapeTarget } from '../ports.ts'
import { type AlertChanges, type KnownAlert, loadOpenAlerts, newAlertId, saveAlerts } from './alert-store.ts'
import type { Context } from './context.ts'
import { listRulesOf } from './rules.ts'

type EndpointIdentity = Pick<ScrapeTarget, 'endpoint_id' | 'project_id' | 'endpoint_name'>
type Subject = EndpointIdentity & { measurement: Measurement }

const keyOf = (endpointId: string, metric: string): string => `${endpointId}/${metric}`

export class AlertEvaluator {
  readonly #context: Context
  /** By endpoint and metric: never two open alerts for one rule. Undefined until it was read from the database. */
  #open: Map<string, KnownAlert> | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** Endpoints that have an open alert. */
  async endpoints(): Promise<EndpointIdentity[]> {
    return [...(await this.#opened()).values()]
  }

  /**
   * One evaluation of these targets, and of open alerts whose endpoint is not among them: for those there is no data.
   * When it cannot be written, nothing has happened: the next one starts from the same state.
   */
  async evaluate(targets: readonly ScrapeTarget[]): Promise<void> {
    const { endpoints, settings, clock } = this.#context
    const before = await this.#opened()
    const subjects = new Map<string, Subject>()
    for (const { endpoint_id, project_id, endpoint_name } of before.values())
      subjects.set(endpoint_id, {
        endpoint_id,
        project_id,
        endpoint_name,
        measurement: nothingMeasured(settings.window_s),
      })
    for (const target of targets)
      subjects.set(target.endpoint_id, { ...target, measurement: endpoints.open(target).measure(settings.window_s) })
    const rulesOf = await listRulesOf(this.#context, [...subjects.keys()])
    const changes: AlertChanges = { saved: [], dropped: [] }
    for (const subject of subjects.values()) {
      for (const rule of rulesOf(subject.endpoint_id)) {
        const known = before.get(keyOf(subject.endpoint_id, rule.metric))
        assessRule(subject, rule, known, clock.nowMs(), changes)
      }
    }
    await this.#commit(before, changes)
  }

  /** Ends the alerts of endpoints that were deleted. */
  async resolveDeleted(endpointIds: ReadonlySet<string>): Promise<void> {
    const before = await this.#opened()
    const ended = [...before.values()].filter((alert) => endpointIds.has(alert.endpoint_id))
    const saved = ended
      .filter(({ open }) => open.state === 'firing')
      .map((alert) => ({
        alert: { ...alert, open: resolveDeleted(alert.open, alert.endpoint_name) },
        state: 'resolved' as const,
      }))
    await this.#commit(before, { saved, dropped: ended.filter(({ open }) => open.state === 'pending') })
  }

  async #opened(): Promise<Map<string, KnownAlert>> {
    if (!this.#open) {
      const known = await loadOpenAlerts(this.#context)
      this.#open = new Map(known.map((alert) => [keyOf(alert.endpoint_id, alert.rule.metric), alert]))
    }
    return this.#open
  }

  async #commit(before: Map<string, KnownAlert>, changes: AlertChanges): Promise<void> {
    await saveAlerts(this.#context, changes)
    const announced: KnownAlert[] = [...changes.dropped]
    for (const { alert, state } of changes.saved) {
      const key = keyOf(alert.endpoint_id, alert.rule.metric)
      if (before.get(key)?.open.state !== state) announced.push(alert)
      if (state === 'resolved') before.delete(key)
      else before.set(key, alert)
    }
    for (const { endpoint_id, rule } of changes.dropped) before.delete(keyOf(endpoint_id, rule.metric))
    for (const { project_id, id } of announced) this.#context.events.publish({ project_id, type: 'alert.changed', id })
  }
}

/** Adds what follows for one rule to `changes`. */
function assessRule(
  { measurement, endpoint_id, project_id, endpoint_name }: Subject,
  rule: AlertRule,
  known: KnownAlert | undefined,
  nowMs: number,
  changes: AlertChanges,
): void {
  const assessment = assessAlert(known?.open, rule, assessCondition(rule, measurement), nowMs)
  if (assessment.state === 'inactive') {
    if (known) changes.dropped.push(known)
    return
  }
  const id = known?.id ?? newAlertId(nowMs)
  changes.saved.push({
    state: assessment.state,
    alert: { id, project_id, endpoint_id, endpoint_name, rule, open: assessment.alert },
  })
}

const nothingMeasured = (windowS: number): Measurement => measure([], windowS, 'no ready replica to ask')
