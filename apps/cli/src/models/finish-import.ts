/** What follows once the registry has accepted a model, a version or a scan. */
import type { ModelDetail } from '@bud/contract'
import { followOperation } from '../follow-operation.ts'
import type { Answer, Cli, Values } from '../verb.ts'
import { showModel } from './detail-view.ts'

export interface Accepted {
  id: string
  operation_id: string
}

export async function finishImport(cli: Cli, accepted: Accepted, options: Values): Promise<Answer> {
  if (options.wait === false)
    return { data: accepted, text: `Accepted: ${accepted.id}, operation ${accepted.operation_id}.` }
  await followOperation(cli, accepted.operation_id)
  return showModel(await versionOf(cli, accepted))
}

/** A model shows the version in production: the one this was about may be another. */
async function versionOf({ client }: Cli, { id, operation_id }: Accepted): Promise<ModelDetail> {
  const shown = await client.models.get({ id })
  if (shown.operation_id === operation_id) return shown
  for (const { number } of shown.versions) {
    if (number === shown.version) continue
    const other = await client.models.get({ id: `${shown.name}@${number}` })
    if (other.operation_id === operation_id) return other
  }
  return shown
}
