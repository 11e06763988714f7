/** What the API answers with: the product's nouns as people see them. Fields are snake_case on the wire and here. */
import {
  AlertRule,
  Candidate,
  Confidence,
  Deployment,
  EndpointState,
  EngineName,
  MetricName,
  MetricSeries,
  Objective,
  Prediction,
  Reason,
  RejectedGroup,
  Remedy,
  ReplicaPhase,
  SearchMethod,
  SmallerSibling,
  Stage,
  Targets,
  Timestamp,
  Workload,
} from '@bud/kernel'
import { z } from 'zod'

export const SystemInfo = z.object({
  version: z.string(),
  api_version: z.string(),
  gateway_url: z.string(),
  data_dir: z.string().nullable().describe('Where the state lies; null for people without the administrator role.'),
  database: z.enum(['pglite', 'postgresql']),
  checks: z.array(
    z.object({ name: z.string(), ok: z.boolean(), message: z.string(), next_step: z.string().nullable() }),
  ),
})
export type SystemInfo = z.infer<typeof SystemInfo>

export const Me = z.object({
  user_id: z.string(),
  name: z.string(),
  email: z.string(),
  project: z.object({ id: z.string(), name: z.string() }),
  role: z.string(),
})

export const ApiToken = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  created_at: Timestamp,
  expires_at: Timestamp.nullable(),
})
export const InferenceKey = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('First characters, to recognise it by.'),
  created_at: Timestamp,
  last_used_at: Timestamp.nullable(),
})
export const CreatedSecret = z.object({
  id: z.string(),
  name: z.string(),
  secret: z.string().describe('Shown once, never again.'),
})

export const ClusterNode = z.object({
  name: z.string(),
  gpu_type: z.string().nullable(),
  gpu_count: z.number().int(),
  gpus_free: z.number().int(),
  used_by: z.array(z.object({ endpoint_id: z.string(), endpoint_name: z.string(), gpus: z.number().int() })),
  ready: z.boolean(),
})
export const Cluster = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['simulated', 'local', 'kubernetes']),
  stage: Stage,
  needs_artifacts: z.boolean().describe('false: models without files can be deployed here.'),
  state: z.enum(['ready', 'unreachable']),
  state_reason: z.string().nullable(),
  nodes: z.array(ClusterNode),
  gpus: z.array(
    z.object({
      gpu_type: z.string(),
      total: z.number().int(),
      free: z.number().int(),
      largest_free_on_a_node: z.number().int(),
    }),
  ),
})
export type Cluster = z.infer<typeof Cluster>
export const CreateCluster = z.strictObject({
  name: z.string(),
  kind: z.literal('simulated'),
  stage: Stage.default('staging'),
  nodes: z
    .array(
      z.strictObject({
        count: z.number().int().min(1).max(1000).default(1),
        gpu_type: z.string(),
        gpu_count: z.number().int().min(1).max(16),
      }),
    )
    .min(1),
  startup_time_factor: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe('Scales the start-up phases of simulated engines; 1 = as long as real ones.'),
})

export const CreateOptimization = z.strictObject({
  model: z.string().describe('Id or name.'),
  cluster: z.string().describe('Id or name.'),
  workload: Workload.prefault({}),
  targets: Targets.prefault({}),
  objective: Objective.default('cost'),
  runtimes: z.array(EngineName).min(1).optional().describe('Default: all.'),
  confidence: Confidence.optional().describe(
    'How sure each latency and rate limit must be held: 0.5 takes predictions as they are, 0.9 is safe. Default: the product’s, measured to hold in nine picks of ten.',
  ),
  allow_quantization: z.boolean().optional().describe('Also consider FP8 quantisation while loading. Default: no.'),
  memory_headroom: z.number().min(0.02).max(0.5).optional().describe('Share of GPU memory kept free. Default: 0.1.'),
  search: SearchMethod.optional().describe('Default: auto, the one that proves the answer within its time.'),
  endpoint: z.string().optional().describe('Re-optimisation: this endpoint’s own GPUs count as free.'),
})
export const WorkloadPreset = z.object({
  name: z.string().describe('e.g. "rag".'),
  reason: z.string().describe('Why these numbers, in one line.'),
  workload: Workload,
})
export type WorkloadPreset = z.infer<typeof WorkloadPreset>
export const Approval = z.object({
  id: z.string(),
  approved_by: z.string(),
  approved_at: Timestamp,
  deployment: Deployment,
  edits: z.array(z.object({ path: z.string(), from: z.string(), to: z.string() })),
})
export const Optimization = z.object({
  id: z.string(),
  model: z.object({ id: z.string(), name: z.string(), version_id: z.string() }),
  cluster: z.object({ id: z.string(), name: z.string() }),
  workload: Workload,
  targets: Targets,
  objective: Objective,
  method: z.string().describe('How the space was searched, e.g. "exhaustive".'),
  searched: z.number().int(),
  elapsed_ms: z.number(),
  feasible: z.boolean(),
  candidates: z.array(Candidate).describe('Best first; empty when nothing holds the targets.'),
  nearest_misses: z.array(Candidate).describe('When infeasible: the closest, with what they miss in `why`.'),
  rejected: z.array(RejectedGroup),
  pareto: z
    .array(Candidate)
    .optional()
    .describe('No other configuration found is cheaper, faster and of higher throughput at once; cheapest first.'),
  sibling: SmallerSibling.nullable()
    .optional()
    .describe('The next smaller model of the same family under the same limits: the guide’s "start small".'),
  confidence: Confidence.optional().describe('How sure each limit had to be held.'),
  remedies: z
    .array(z.array(Remedy))
    .optional()
    .describe('For each of `nearest_misses`: changes under which it would hold, all tried.'),
  runtimes: z.array(EngineName).optional().describe('As asked; all when left out.'),
  allow_quantization: z.boolean().optional().describe('As asked.'),
  memory_headroom: z.number().optional().describe('As asked.'),
  created_by: z.string(),
  created_at: Timestamp,
  approval: Approval.nullable(),
})
export type Optimization = z.infer<typeof Optimization>
export const ApproveOptimization = z.strictObject({
  candidate: z.number().int().min(0).default(0).describe('Index into `candidates`.'),
  deployment: Deployment.optional().describe('The edited configuration; left out: as recommended.'),
})

export const Replica = z.object({
  id: z.string(),
  revision: z.number().int(),
  node: z.string().nullable(),
  gpus: z.array(z.number().int()),
  phase: ReplicaPhase,
  since: Timestamp,
  message: z.string().nullable(),
})
export const Revision = z.object({
  number: z.number().int(),
  deployment: Deployment,
  created_by: z.string(),
  created_at: Timestamp,
  approval_id: z.string().nullable(),
  predicted: Prediction.nullable(),
})
export const Endpoint = z.object({
  id: z.string(),
  name: z.string().describe('Also the public model name on the gateway.'),
  model: z.object({ id: z.string(), name: z.string(), version_id: z.string() }),
  cluster: z.object({ id: z.string(), name: z.string(), stage: Stage }),
  state: EndpointState,
  deployment: Deployment,
  revision: z.number().int(),
  ready_replicas: z.number().int(),
  replicas: z.array(Replica),
  gateway_url: z.string().describe('Base URL for OpenAI clients; null-free: traffic flows once the state is ready.'),
  targets: Targets,
  workload: Workload.nullable(),
  operation_id: z.string().nullable().describe('The operation under way, or the last one.'),
  created_by: z.string(),
  created_at: Timestamp,
})
export type Endpoint = z.infer<typeof Endpoint>
export const EndpointDetail = Endpoint.extend({ revisions: z.array(Revision) })
export type EndpointDetail = z.infer<typeof EndpointDetail>

/** Either the approved optimisation or a deployment of one's own. */
export const CreateEndpoint = z.strictObject({
  name: z.string().optional().describe('Default: made from the model’s name.'),
  model: z.string().optional().describe('Id or name; not needed with approval_id.'),
  cluster: z.string().optional().describe('Id or name; not needed with approval_id.'),
  deployment: Deployment.optional().describe(
    'The guide’s document without its outer key, or with it: both are accepted.',
  ),
  approval_id: z.string().optional(),
  workload: Workload.optional().describe('Expected load, for the prediction shown beside the measurement.'),
  targets: Targets.optional().describe('Override alert thresholds; with approval_id: those of the optimisation.'),
})
/** The name is optional here as well: an update keeps the endpoint's own. */
export const ValidateEndpoint = CreateEndpoint.extend({
  endpoint: z
    .string()
    .optional()
    .describe('Id or name, when this would be an update: the GPUs this endpoint holds count as free.'),
})
export const UpdateEndpoint = z.strictObject({ deployment: Deployment.optional(), approval_id: z.string().optional() })
export const Validation = z.object({
  ok: z.boolean(),
  reasons: z.array(Reason).describe('Every blocking reason at once.'),
  warnings: z.array(Reason),
  prediction: Prediction.nullable(),
})
export const Accepted = z.object({ id: z.string().describe('Of the endpoint or model.'), operation_id: z.string() })

export const OperationStep = z.object({
  name: z.string(),
  state: z.enum(['pending', 'running', 'succeeded', 'skipped', 'failed', 'undone']),
  started_at: Timestamp.nullable(),
  ended_at: Timestamp.nullable(),
  message: z.string().nullable(),
  progress: z.object({ done: z.number(), total: z.number(), unit: z.string() }).nullable(),
})
export const Operation = z.object({
  id: z.string(),
  kind: z.string(),
  subject_id: z.string(),
  state: z.enum(['running', 'succeeded', 'failed']),
  created_by: z.string(),
  created_at: Timestamp,
  ended_at: Timestamp.nullable(),
  reasons: z.array(Reason),
  steps: z.array(OperationStep),
})
export type Operation = z.infer<typeof Operation>

export const EndpointMetrics = z.object({
  endpoint_id: z.string(),
  from: Timestamp,
  to: Timestamp,
  step_s: z.number().int(),
  window_s: z.number().int().describe('Percentiles and rates are over this window before each point.'),
  series: z.array(MetricSeries),
  rules: z.array(AlertRule),
  predicted: z
    .array(z.object({ metric: MetricName, value: z.number() }))
    .describe('At the workload the endpoint was optimised for.'),
  usage: z.object({
    requests: z.number().int(),
    failed_requests: z.number().int(),
    prompt_tokens: z.number().int(),
    completion_tokens: z.number().int(),
  }),
})
export type EndpointMetrics = z.infer<typeof EndpointMetrics>

export const EditAlertRule = z.strictObject({
  threshold: z.number().nonnegative().optional(),
  for_s: z.number().int().min(0).max(86_400).optional(),
  min_samples: z.number().int().min(0).optional(),
  reset: z.boolean().optional().describe('true: back to the default or approved target.'),
})

export const EventMessage = z.object({ type: z.string(), id: z.string() })
