/** Evaluates every rule of every endpoint, keeps what is open, writes it down and says what changed. */
import type { AlertRule } from '@bud/kernel'
import { type AlertAssessment, assessAlert, resolveDeleted } from '../domain/assess-alert.ts'
import { assessCondition } from '../domain/assess-condition.ts'
import type { ScrapeTarget } from '../ports.ts'
import { type AlertChanges, type KnownAlert, loadOpenAlerts, newAlertId, saveAlerts } from './alert-store.ts'
import type { Context } from './context.ts'
import { listRulesOf } from './rules.ts'

const keyOf = (endpointId: string, metric: string): string => `${endpointId}/${metric}`

export class AlertEvaluator {
  readonly #context: Context
  /** By endpoint and metric: never two open alerts for one rule. Undefined until it was read from the database. */
  #open: Map<string, KnownAlert> | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** Ids of the endpoints that have an open alert. */
  async endpointIds(): Promise<string[]> {
    return [...(await this.#opened()).values()].map(({ endpoint_id }) => endpoint_id)
  }

  /** One evaluation. When it cannot be written, nothing has happened: the next one starts from the same state. */
  async evaluate(targets: readonly ScrapeTarget[]): Promise<void> {
    const before = await this.#opened()
    const rulesOf = await listRulesOf(
      this.#context,
      targets.map((target) => target.endpoint_id),
    )
    const changes: AlertChanges = { saved: [], dropped: [] }
    for (const target of targets) {
      for (const rule of rulesOf(target.endpoint_id)) this.#assess(target, rule, before, changes)
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

  #assess(target: ScrapeTarget, rule: AlertRule, before: Map<string, KnownAlert>, changes: AlertChanges): void {
    const { clock, settings, endpoints } = this.#context
    const measurement = endpoints.open(target).measure(settings.window_s)
    const known = before.get(keyOf(target.endpoint_id, rule.metric))
    const nowMs = clock.nowMs()
    const assessment = assessAlert(known?.open, rule, assessCondition(rule, measurement), nowMs)
    if (assessment.state !== 'inactive') changes.saved.push(toChange(target, rule, known, assessment, nowMs))
    else if (known) changes.dropped.push(known)
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

function toChange(
  target: ScrapeTarget,
  rule: AlertRule,
  known: KnownAlert | undefined,
  assessment: Exclude<AlertAssessment, { state: 'inactive' }>,
  nowMs: number,
): AlertChanges['saved'][number] {
  const { project_id, endpoint_id, endpoint_name } = target
  const id = known?.id ?? newAlertId(nowMs)
  return {
    state: assessment.state,
    alert: { id, project_id, endpoint_id, endpoint_name, rule, open: assessment.alert },
  }
}
