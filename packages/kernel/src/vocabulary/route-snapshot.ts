/** What a gateway needs to know, whole: pulled by version, kept on disk, valid without the control plane. */
import { z } from 'zod'

export const Upstream = z.object({
  id: z.string().describe('Replica id: the unit that is drained.'),
  base_url: z.url().describe('The engine’s root; "/v1/…" is appended.'),
  endpoint_id: z.string(),
  model: z.string().describe('The name the engine serves the model under.'),
})
export type Upstream = z.infer<typeof Upstream>

export const Route = z.object({
  id: z.string(),
  project_id: z.string(),
  name: z.string().describe('Public model name, unique in the project.'),
  backends: z.array(z.object({ endpoint_id: z.string(), weight: z.number().min(0), upstreams: z.array(Upstream) })),
})
export type Route = z.infer<typeof Route>

export const RouteSnapshot = z.object({
  version: z.number().int().nonnegative(),
  created_at: z.iso.datetime(),
  routes: z.array(Route),
  keys: z.array(z.object({ id: z.string(), sha256: z.string(), project_id: z.string() })),
})
export type RouteSnapshot = z.infer<typeof RouteSnapshot>

/** One gateway's word on what it has applied: its acknowledgement, and its lease. */
export const GatewayReport = z.object({
  gateway_id: z.string(),
  applied_version: z.number().int().nonnegative(),
  in_flight: z.array(z.object({ upstream_id: z.string(), count: z.number().int().nonnegative() })),
})
export type GatewayReport = z.infer<typeof GatewayReport>

/** One finished request. `id` makes delivery idempotent. */
export const UsageRecord = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  project_id: z.string(),
  key_id: z.string(),
  route_id: z.string(),
  endpoint_id: z.string(),
  upstream_id: z.string(),
  status: z.number().int(),
  streamed: z.boolean(),
  prompt_tokens: z.number().int().nonnegative().nullable(),
  completion_tokens: z.number().int().nonnegative().nullable(),
  ttft_ms: z.number().nonnegative().nullable(),
  duration_ms: z.number().nonnegative(),
})
export type UsageRecord = z.infer<typeof UsageRecord>
