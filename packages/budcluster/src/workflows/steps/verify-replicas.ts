/** Asks replicas what users will ask them before any user does. */
import { failed } from '@bud/kernel'
import type { ReplicaStatus } from '../../domain/release.ts'
import type { Group } from '../../services/apply-release.ts'
import type { Context } from '../../services/context.ts'
import { requireRevision } from '../../services/store/endpoints.ts'
import type { Report } from '../shown-step.ts'
import type { Target } from '../target.ts'

const AT_ONCE = 8

/** Of one group, from an ordinal on; every one has to answer. */
export async function verifyReplicas(
  context: Context,
  target: Target,
  { revision, from, to }: { revision: Group['revision']; from: number; to: number },
  report: Report,
): Promise<string> {
  const { endpoint, driver, release } = target
  const status = await driver.releases.status(release)
  const replicas =
    status?.replicas.filter(
      (replica) => replica.revision === revision && replica.ordinal >= from && replica.ordinal < to,
    ) ?? []
  const { deployment } = await requireRevision(context.database.query, endpoint.id, revision)
  const check = (replica: ReplicaStatus) =>
    context.probe.check({
      base_url: replica.base_url,
      engine: deployment.runtime,
      engine_version: deployment.runtime_version,
      served_model_name: endpoint.name,
    })
  const answers: Awaited<ReturnType<typeof check>>[] = []
  for (let done = 0; done < replicas.length; done += AT_ONCE) {
    answers.push(...(await Promise.all(replicas.slice(done, done + AT_ONCE).map(check))))
    await report(`${answers.length} of ${to - from} replicas answer.`, {
      done: answers.length,
      total: to - from,
      unit: 'replicas',
    })
  }
  if (answers.length < to - from)
    throw failed(`Only ${answers.length} of ${to - from} replicas are there to be verified.`, [
      {
        code: 'replicas-lost',
        message: `${to - from - answers.length} replicas went away before they were verified.`,
        next_step: 'GET /endpoints/{id}/logs shows what the engines said.',
      },
    ])
  return `Healthy, "${endpoint.name}" listed, and a real completion from ${range(answers.length, 'replica')}: ${figures(answers)}.`
}

function figures(answers: readonly { text_length: number; latency_ms: number }[]): string {
  const lengths = answers.map((answer) => answer.text_length)
  const latencies = answers.map((answer) => Math.round(answer.latency_ms))
  return `${span(lengths)} characters in ${span(latencies)} ms`
}

const span = (values: readonly number[]): string => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low === high ? `${low}` : `${low}–${high}`
}

const range = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
