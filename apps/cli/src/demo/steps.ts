/** One function per step: does it through the same API as everybody, and says in a sentence what happened. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failed } from '@bud/kernel'
import OpenAI from 'openai'
import { followOperation } from '../follow-operation.ts'
import { explainInferenceError } from '../inference-error.ts'
import { inferenceKey } from '../inference-key.ts'
import { readLocalFolder } from '../models/push/local-files.ts'
import { pushFolder } from '../models/push/push-folder.ts'
import { bytes, ms, rate, trim, usd } from '../output.ts'
import type { DemoState } from './run-demo.ts'

export const WORKLOAD = { input_tokens: 512, output_tokens: 128, concurrency: 32, prefix_cache_share: 0 }
export const TALKERS = 8
const QUESTION = 'In one sentence: what does a canary deployment do?'

export async function checkHealth({ cli }: DemoState): Promise<string> {
  const { checks, version } = await cli.client.system.info()
  const bad = checks.filter((check) => !check.ok)
  if (bad.length > 0) throw failed(bad.map((check) => `${check.name}: ${check.message}`).join('; '))
  return `Version ${version}; ${checks.length} checks are good.`
}

export async function pushSample(state: DemoState): Promise<string> {
  const { cli } = state
  const { writeSampleModel } = await import('@bud/budmodel/sample-model')
  const folder = await mkdtemp(join(tmpdir(), 'bud-demo-'))
  try {
    const written = await writeSampleModel(folder)
    const { sourcePath, forget } = await pushFolder(cli, await readLocalFolder(folder))
    const name = `sample-${state.endpoint}`
    const accepted = await cli.client.models.register({ name, source_path: sourcePath, parameter_count: 7_000_000_000 })
    forget()
    state.sampleModel = accepted.id
    await followOperation(cli, accepted.operation_id)
    const model = await cli.client.models.get({ id: accepted.id })
    const conflicts = model.conflicts.map(
      (conflict) => ` The request claimed ${conflict.field} ${conflict.claimed}; the files say ${conflict.found}.`,
    )
    return `${state.model} is in the registry and will be deployed. One's own: ${name}: ${written.files.length} files, ${bytes(written.bytes)}, scan ${model.scan?.verdict}, now ${model.state.name}.${conflicts.join('')}`
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export async function optimise(state: DemoState): Promise<string> {
  const { cli, model, cluster } = state
  const targets = { ttft_ms: 500, e2e_ms: 10_000 }
  const result = await cli.client.optimizations.create({
    model,
    cluster,
    workload: WORKLOAD,
    targets,
    objective: 'cost',
  })
  const best = result.candidates[0]
  if (!best) throw failed(`Nothing holds the targets: ${result.nearest_misses[0]?.why ?? 'no candidate at all'}`)
  state.optimizationId = result.id
  const { deployment: d, prediction: p } = best
  return [
    `${model} on ${cluster}: ${WORKLOAD.concurrency} requests at once, TTFT ≤ ${ms(targets.ttft_ms)}, end to end ≤ ${ms(targets.e2e_ms)}, objective cost.`,
    `${result.searched} configurations in ${trim(result.elapsed_ms)} ms (${result.method}): ${d.replicas} × ${d.runtime} on ${d.resources.gpu_count} × ${d.resources.gpu_type}, TP ${d.config.tensor_parallel_size}.`,
    `Predicted: TTFT ${ms(p.ttft_ms.value)}, end to end ${ms(p.e2e_ms.value)}, ${rate(p.output_tokens_per_s.value)}, ${usd(p.cost_usd_per_hour)}/h.`,
  ].join('\n')
}

export async function approve(state: DemoState): Promise<string> {
  const { cli, optimizationId: id } = state
  const best = (await cli.client.optimizations.get({ id })).candidates[0]
  if (!best) throw failed(`The search ${id} has no candidate.`)
  // A small batch, so that the alert below can be provoked with a few hundred requests.
  const deployment = { ...best.deployment, config: { ...best.deployment.config, max_num_seqs: 32 } }
  const approval = await cli.client.optimizations.approve({ id, candidate: 0, deployment })
  state.approvalId = approval.id
  return `Approved as ${approval.id}${approval.edits.map((edit) => `, with ${edit.path} ${edit.from} → ${edit.to}`).join('')}.`
}

export async function deployApproved(state: DemoState): Promise<string> {
  const { cli, approvalId, endpoint } = state
  const accepted = await cli.client.endpoints.create({ approval_id: approvalId, name: endpoint })
  await followOperation(cli, accepted.operation_id)
  const ready = await cli.client.endpoints.get({ id: endpoint })
  return `${endpoint} is ${ready.state.name}: ${ready.ready_replicas} replica(s).`
}

export async function openaiClient({ cli, endpoint }: DemoState): Promise<OpenAI> {
  const { gateway_url } = await cli.client.endpoints.get({ id: endpoint })
  return new OpenAI({ baseURL: gateway_url, apiKey: await inferenceKey(cli), maxRetries: 0, timeout: 120_000 })
}

export async function chatBothWays(state: DemoState): Promise<string> {
  const openai = await openaiClient(state)
  const explained = (error: unknown): never => {
    throw explainInferenceError(error, openai.baseURL)
  }
  const request = { model: state.endpoint, messages: [{ role: 'user' as const, content: QUESTION }], max_tokens: 64 }
  const whole = await openai.chat.completions.create(request).catch(explained)
  const startedMs = performance.now()
  let ttftMs = 0
  let chunks = 0
  for await (const chunk of await openai.chat.completions.create({ ...request, stream: true }).catch(explained)) {
    if (!chunk.choices[0]?.delta.content) continue
    if (chunks++ === 0) ttftMs = performance.now() - startedMs
  }
  if (chunks === 0) throw failed('The streamed answer was empty.')
  return `"${QUESTION}"\n"${whole.choices[0]?.message.content?.trim()}"\nStreamed: first token after ${ms(ttftMs)}, ${chunks} chunks.`
}

export async function nameTheRoute(state: DemoState): Promise<string> {
  const openai = await openaiClient(state)
  const served = (await openai.models.list()).data.map(({ id }) => id)
  if (!served.includes(state.endpoint))
    throw failed(`The gateway at ${openai.baseURL} does not list ${state.endpoint}.`)
  return `Clients use ${openai.baseURL} with model "${state.endpoint}"; the gateway lists it among ${served.length}. The URL stays through scaling and updates.`
}

export async function scaleUp({ cli, endpoint }: DemoState): Promise<string> {
  const before = await cli.client.endpoints.get({ id: endpoint })
  const replicas = before.deployment.replicas + 1
  const accepted = await cli.client.endpoints.scale({ id: endpoint, replicas })
  await followOperation(cli, accepted.operation_id)
  const after = await cli.client.endpoints.get({ id: endpoint })
  return `From ${before.deployment.replicas} to ${after.ready_replicas} ready replicas, on ${new Set(after.replicas.map((replica) => replica.node)).size} node(s).`
}

export async function updateUnderTraffic(state: DemoState): Promise<string> {
  const { cli, endpoint, model, cluster } = state
  const workload = { ...WORKLOAD, concurrency: 2 * WORKLOAD.concurrency }
  const { deployment } = await cli.client.endpoints.get({ id: endpoint })
  const before = await cli.client.optimizations.predict({ model, deployment, workload })
  const targets = { ttft_ms: 500 }
  const result = await cli.client.optimizations.create({
    model,
    cluster,
    endpoint,
    workload,
    targets,
    objective: 'latency',
  })
  const best = result.candidates[0]
  if (!best) throw failed(`Nothing holds the targets: ${result.nearest_misses[0]?.why ?? 'no candidate at all'}`)
  const approval = await cli.client.optimizations.approve({ id: result.id, candidate: 0 })
  const apply = async () => {
    const accepted = await cli.client.endpoints.update({ id: endpoint, approval_id: approval.id })
    await followOperation(cli, accepted.operation_id)
  }
  const { answered, failures } = await whileTalking(state, apply)
  if (failures.length > 0)
    throw failed(
      `${failures.length} of ${answered + failures.length} requests failed during the update: ${failures[0]}`,
    )
  const after = await cli.client.endpoints.get({ id: endpoint })
  const { prediction } = best
  return [
    `Why: twice the load is expected (${workload.concurrency} requests at once), and speed counts more than price: objective latency.`,
    `Predicted: end to end ${ms(before.e2e_ms.value)} → ${ms(prediction.e2e_ms.value)}; cost ${usd(before.cost_usd_per_hour)}/h → ${usd(prediction.cost_usd_per_hour)}/h.`,
    `Revision ${after.revision}: TP ${after.deployment.config.tensor_parallel_size}, ${after.ready_replicas} replica(s) on ${after.deployment.resources.gpu_type}; ${answered} requests meanwhile, none failed.`,
  ].join('\n')
}

export async function deleteEndpoint({ cli, endpoint, sampleModel }: DemoState): Promise<string> {
  const done: string[] = []
  const endpoints = await cli.client.endpoints.list()
  const found = endpoints.find((candidate) => candidate.name === endpoint)
  if (found) {
    const accepted = await cli.client.endpoints.delete({ id: found.id })
    await followOperation(cli, accepted.operation_id)
    done.push(`endpoint ${endpoint}`)
  }
  if (sampleModel) {
    await cli.client.models.delete({ id: sampleModel })
    done.push('the sample model')
  }
  return done.length > 0 ? `Deleted ${done.join(' and ')}; their GPUs are free again.` : 'Nothing to delete.'
}

/** Keeps a few requests under way as long as `work` takes. */
export async function whileTalking<T>(
  state: DemoState,
  work: () => Promise<T>,
): Promise<{ result: T; answered: number; failures: string[] }> {
  const openai = await openaiClient(state)
  let stop = false
  let answered = 0
  const failures: string[] = []
  const talk = async () => {
    while (!stop) {
      await openai.chat.completions
        .create({ model: state.endpoint, messages: [{ role: 'user', content: QUESTION }], max_tokens: 32 })
        .then(() => answered++)
        .catch((error: Error) => failures.push(error.message))
    }
  }
  const traffic = Array.from({ length: TALKERS }, talk)
  try {
    return { result: await work(), answered, failures }
  } finally {
    stop = true
    await Promise.all(traffic)
  }
}

/** Asks every half second until there is an answer. */
export async function waitFor<T>(ask: () => Promise<T | undefined>, timeoutMs: number, what: string): Promise<T> {
  const endMs = Date.now() + timeoutMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (Date.now() > endMs) throw failed(`Waited ${timeoutMs / 1000} s for ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
