/** The rules of an endpoint: listed, edited, given the approved targets. */
import { type AlertRule, BudError, invalidInput, type MetricName, type Targets } from '@bud/kernel'
import { eq, inArray, sql } from '@bud/platform/drizzle'
import { rulesInForce, targetThresholds } from '../domain/alert-rules.ts'
import { type Caller, type Context, isoOf } from './context.ts'
import { ruleSettings } from './tables.ts'

/** Left out: as it was. */
export interface RuleEdit {
  threshold?: number | undefined
  for_s?: number | undefined
  min_samples?: number | undefined
  /** true: back to the approved target or the default; not together with new values. */
  reset?: boolean | undefined
}

export async function listRules({ database }: Pick<Context, 'database'>, endpointId: string): Promise<AlertRule[]> {
  return rulesInForce(await database.query.select().from(ruleSettings).where(eq(ruleSettings.endpoint_id, endpointId)))
}

/** The rules of many endpoints with one query; an endpoint without settings has the defaults. */
export async function listRulesOf(
  { database }: Pick<Context, 'database'>,
  endpointIds: readonly string[],
): Promise<(endpointId: string) => AlertRule[]> {
  if (endpointIds.length === 0) return () => rulesInForce([])
  const settings = await database.query
    .select()
    .from(ruleSettings)
    .where(inArray(ruleSettings.endpoint_id, [...endpointIds]))
  const byEndpoint = Map.groupBy(settings, (setting) => setting.endpoint_id)
  return (endpointId) => rulesInForce(byEndpoint.get(endpointId) ?? [])
}

/** Answers the rule as it is now in force. */
export async function editRule(
  context: Pick<Context, 'database' | 'clock'>,
  caller: Caller,
  endpointId: string,
  metric: MetricName,
  edit: RuleEdit,
): Promise<AlertRule> {
  const { reset, ...values } = edit
  const given = Object.values(values).some((value) => value !== undefined)
  if (reset && given) throw invalidInput('Give "reset" or new values, not both.')
  if (!reset && !given) throw invalidInput('Give a threshold, for_s or min_samples, or "reset": true.')
  const fields = reset ? { threshold: null, for_s: null, min_samples: null } : definedOnly(values)
  const set = { ...fields, edited_by: reset ? null : caller.name, updated_at: isoOf(context.clock.nowMs()) }
  await context.database.query
    .insert(ruleSettings)
    .values({ endpoint_id: endpointId, metric, project_id: caller.project_id, ...set })
    .onConflictDoUpdate({ target: [ruleSettings.endpoint_id, ruleSettings.metric], set })
  const rule = (await listRules(context, endpointId)).find((one) => one.metric === metric)
  if (!rule) throw new BudError('internal', `No rule for ${metric}.`)
  return rule
}

/** The limits approved with a deployment become thresholds; those left out go back to the defaults. Idempotent. */
export async function setTargets(
  { database, clock }: Pick<Context, 'database' | 'clock'>,
  { project_id, endpoint_id, targets }: { project_id: string; endpoint_id: string; targets: Targets },
): Promise<void> {
  const updated_at = isoOf(clock.nowMs())
  await database.query
    .insert(ruleSettings)
    .values(targetThresholds(targets).map((threshold) => ({ project_id, endpoint_id, updated_at, ...threshold })))
    .onConflictDoUpdate({
      target: [ruleSettings.endpoint_id, ruleSettings.metric],
      set: { target: sql`excluded.target`, updated_at },
    })
}

const definedOnly = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>
