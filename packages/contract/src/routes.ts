/** The HTTP API once: the server, the OpenAPI document and the typed client are all made from this. */
import { Alert, AlertRule, Deployment, GpuSpec, MetricName, Prediction, Stage, Targets, Workload } from '@bud/kernel'
import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { artifacts, connections, modelPolicy, models, uploads } from './model-routes.ts'
import * as refined from './refinement-resources.ts'
import * as r from './resources.ts'
import { del, get, id, nothing, patch, post, put } from './route-kit.ts'

const limit = z.coerce.number().int().min(1).max(200).default(50)
const system = {
  info: get('/system', 'Versions, addresses and self-checks', 'System').output(r.SystemInfo),
  me: get('/me', 'Who is asking, in which project', 'Access').output(r.Me),
  events: get('/events', 'Server-sent events: what changed in the project', 'System').output(
    eventIterator(r.EventMessage),
  ),
}

const tokens = {
  list: get('/tokens', 'API tokens of the caller', 'Access').output(z.array(r.ApiToken)),
  create: post('/tokens', 'Create an API token', 'Access', 201)
    .input(
      z.strictObject({
        name: z.string().min(1).max(64),
        expires_in_days: z.number().int().min(1).max(3650).optional(),
      }),
    )
    .output(r.CreatedSecret),
  revoke: del('/tokens/{id}', 'Revoke an API token', 'Access').input(id).output(nothing),
}

const signInLinks = {
  create: post('/sign-in-links', 'A one-time link that signs the caller in to the dashboard', 'Access', 201).output(
    z.object({ url: z.string() }),
  ),
}

const inferenceKeys = {
  list: get('/inference-keys', 'Keys for the gateway', 'Traffic').output(z.array(r.InferenceKey)),
  create: post('/inference-keys', 'Create a key for the gateway', 'Traffic', 201)
    .input(z.strictObject({ name: z.string().min(1).max(64) }))
    .output(r.CreatedSecret),
  revoke: del('/inference-keys/{id}', 'Revoke a key', 'Traffic').input(id).output(nothing),
}

const clusters = {
  list: get('/clusters', 'Clusters with their inventory', 'Clusters').output(z.array(r.Cluster)),
  get: get('/clusters/{id}', 'One cluster', 'Clusters').input(id).output(r.Cluster),
  create: post('/clusters', 'Add a cluster', 'Clusters', 201).input(r.CreateCluster).output(r.Cluster),
  update: patch('/clusters/{id}', 'Change the stage label', 'Clusters')
    .input(z.strictObject({ id: z.string(), stage: Stage }))
    .output(r.Cluster),
  delete: del('/clusters/{id}', 'Remove a cluster; refused while endpoints run on it', 'Clusters')
    .input(id)
    .output(nothing),
  gpus: get('/gpus', 'The GPU catalogue', 'Clusters').output(z.array(GpuSpec)),
}

const optimizations = {
  create: post('/optimizations', 'Search for the best configuration', 'Optimise', 201)
    .input(r.CreateOptimization)
    .output(r.Optimization),
  list: get('/optimizations', 'Past searches, newest first', 'Optimise')
    .input(z.object({ limit }))
    .output(z.array(r.Optimization)),
  presets: get('/workload-presets', 'Usual loads to start from', 'Optimise').output(z.array(r.WorkloadPreset)),
  get: get('/optimizations/{id}', 'One search', 'Optimise').input(id).output(r.Optimization),
  approve: post('/optimizations/{id}/approve', 'Approve a candidate, with or without edits', 'Optimise')
    .input(r.ApproveOptimization.extend({ id: z.string() }))
    .output(r.Approval),
  predict: post('/predictions', 'Predict one configuration', 'Optimise')
    .input(z.strictObject({ model: z.string(), deployment: Deployment, workload: Workload.prefault({}) }))
    .output(Prediction),
}

const endpoints = {
  list: get('/endpoints', 'Endpoints', 'Endpoints').output(z.array(r.Endpoint)),
  create: post('/endpoints', 'Deploy: validate, transfer, start, verify, route', 'Endpoints', 202)
    .input(r.CreateEndpoint)
    .output(r.Accepted),
  validate: post('/endpoints/validate', 'Check a deployment without changing anything', 'Endpoints')
    .input(r.ValidateEndpoint)
    .output(r.Validation),
  get: get('/endpoints/{id}', 'One endpoint (id or name)', 'Endpoints').input(id).output(r.EndpointDetail),
  scale: post('/endpoints/{id}/scale', 'Change the number of replicas', 'Endpoints', 202)
    .input(z.strictObject({ id: z.string(), replicas: z.number().int().min(1).max(1000) }))
    .output(r.Accepted),
  update: post('/endpoints/{id}/update', 'Apply a configuration as a rolling update', 'Endpoints', 202)
    .input(r.UpdateEndpoint.extend({ id: z.string() }))
    .output(r.Accepted),
  delete: del('/endpoints/{id}', 'Delete: traffic first, then replicas', 'Endpoints', 202).input(id).output(r.Accepted),
  logs: get('/endpoints/{id}/logs', 'The engines’ last log lines', 'Endpoints')
    .input(z.object({ id: z.string(), lines: z.coerce.number().int().min(1).max(1000).default(100) }))
    .output(z.array(z.object({ replica_id: z.string(), line: z.string() }))),
  metrics: get('/endpoints/{id}/metrics', 'The five metrics as series', 'Monitor')
    .input(z.object({ id: z.string(), minutes: z.coerce.number().int().min(1).max(10_080).default(30) }))
    .output(r.EndpointMetrics),
  observations: get('/endpoints/{id}/observations', 'Actual against predicted, window by window', 'Monitor')
    .input(z.object({ id: z.string(), limit }))
    .output(refined.EndpointObservations),
  alertRules: get('/endpoints/{id}/alert-rules', 'The rules in force', 'Monitor').input(id).output(z.array(AlertRule)),
  editAlertRule: put('/endpoints/{id}/alert-rules/{metric}', 'Override one rule', 'Monitor')
    .input(r.EditAlertRule.extend({ id: z.string(), metric: MetricName }))
    .output(AlertRule),
  setTargets: put('/endpoints/{id}/targets', 'Update the performance targets', 'Monitor')
    .input(z.strictObject({ id: z.string(), targets: Targets }))
    .output(z.array(AlertRule)),
}

const operations = {
  list: get('/operations', 'Long-running work, newest first', 'Operations')
    .input(z.object({ subject_id: z.string().optional(), limit }))
    .output(z.array(r.Operation)),
  get: get('/operations/{id}', 'One operation with its steps', 'Operations').input(id).output(r.Operation),
  events: get(
    '/operations/{id}/events',
    'Server-sent events: the operation at each change, until it ends',
    'Operations',
  )
    .input(id)
    .output(eventIterator(r.Operation)),
}

const alerts = {
  list: get('/alerts', 'Alerts, firing first, then newest', 'Monitor')
    .input(
      z.object({
        state: z.enum(['pending', 'firing', 'resolved']).optional(),
        endpoint_id: z.string().optional(),
        limit,
      }),
    )
    .output(z.array(Alert)),
}

const observations = {
  import: post('/observations', 'Measurements of one’s own refine predictions', 'Optimise')
    .input(refined.ImportObservations)
    .output(refined.ImportedObservations),
}

const refinements = {
  list: get('/refinements', 'What was learnt from observations, newest version first', 'Optimise').output(
    z.array(refined.Refinement),
  ),
  activate: post('/refinements/{number}/activate', 'Put a version in force, also an earlier one', 'Optimise')
    .input(z.object({ number: z.coerce.number().int().min(1).max(2_147_483_647) }))
    .output(refined.Refinement),
  deactivate: del('/refinements/active', 'Predict without refinement, until a version is activated', 'Optimise').output(
    nothing,
  ),
}

export const contract = {
  system,
  tokens,
  signInLinks,
  inferenceKeys,
  models,
  uploads,
  connections,
  modelPolicy,
  artifacts,
  clusters,
  optimizations,
  endpoints,
  operations,
  alerts,
  observations,
  refinements,
}
