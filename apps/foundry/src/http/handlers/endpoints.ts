import type { Services } from '../../services.ts'
import { api } from '../router-base.ts'

const PREDICTED_METRICS = [
  ['ttft_p99', 'ttft_ms_p99'],
  ['inference_latency_p99', 'e2e_ms_p99'],
  ['throughput', 'output_tokens_per_s'],
] as const

export const endpointHandlers = (services: Services) => {
  const { endpoints } = services.cluster
  return {
    list: api.endpoints.list.handler(({ context }) => endpoints.list(context.principal)),
    create: api.endpoints.create.handler(({ context, input }) => endpoints.create(context.principal, input)),
    validate: api.endpoints.validate.handler(({ context, input }) => endpoints.validate(context.principal, input)),
    get: api.endpoints.get.handler(({ context, input }) => endpoints.get(context.principal, input.id)),
    scale: api.endpoints.scale.handler(({ context, input: { id, ...scale } }) =>
      endpoints.scale(context.principal, id, scale),
    ),
    update: api.endpoints.update.handler(({ context, input: { id, ...update } }) =>
      endpoints.update(context.principal, id, update),
    ),
    delete: api.endpoints.delete.handler(({ context, input }) => endpoints.delete(context.principal, input.id)),
    logs: api.endpoints.logs.handler(({ context, input }) => endpoints.logs(context.principal, input.id, input.lines)),
    ...monitorHandlers(services),
  }
}

const monitorHandlers = ({ cluster: { endpoints }, metrics, traffic, advisor }: Services) => ({
  observations: api.endpoints.observations.handler(async ({ context, input }) => {
    const { id } = await endpoints.get(context.principal, input.id)
    return advisor.observations.list({ ...context.principal, endpoint_id: id, limit: input.limit })
  }),
  metrics: api.endpoints.metrics.handler(async ({ context, input }) => {
    const endpoint = await endpoints.get(context.principal, input.id)
    const measured = await metrics.series(endpoint.id, { minutes: input.minutes })
    const predicted = endpoint.revisions.find((revision) => revision.number === endpoint.revision)?.predicted
    return {
      ...measured,
      predicted: predicted
        ? PREDICTED_METRICS.map(([metric, field]) => ({ metric, value: predicted[field].value }))
        : [],
      usage: await traffic.usageOf(endpoint.id, measured.from),
    }
  }),
  alertRules: api.endpoints.alertRules.handler(async ({ context, input }) => {
    const endpoint = await endpoints.get(context.principal, input.id)
    return metrics.rules.list(endpoint.id)
  }),
  editAlertRule: api.endpoints.editAlertRule.handler(async ({ context, input: { id, metric, ...edit } }) => {
    const endpoint = await endpoints.get(context.principal, id)
    return metrics.rules.edit(context.principal, endpoint.id, metric, edit)
  }),
  setTargets: api.endpoints.setTargets.handler(async ({ context, input }) => {
    const endpoint = await endpoints.setTargets(context.principal, input.id, input.targets)
    await metrics.rules.setTargets({
      project_id: context.principal.project_id,
      endpoint_id: endpoint.id,
      targets: endpoint.targets,
    })
    return metrics.rules.list(endpoint.id)
  }),
})

export const alertHandlers = ({ metrics }: Services) => ({
  list: api.alerts.list.handler(({ context, input }) => metrics.alerts.list(context.principal, input)),
})
