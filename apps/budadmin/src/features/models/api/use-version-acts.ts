/** What can be done to a version and be taken back: aliases, archive, restore. */
import type { ModelDetail, ModelVersion } from '@bud/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api, client } from '../../../api.ts'
import { referenceOf, type VersionAct } from '../prepare/versions.ts'

interface Asked {
  version: ModelVersion
  act: VersionAct
}

export function useVersionActs(model: Pick<ModelDetail, 'id'>) {
  const queries = useQueryClient()
  const mutation = useMutation({
    mutationFn: (asked: Asked) => send(model.id, asked),
    onSuccess: () => queries.invalidateQueries({ queryKey: api.models.key() }),
  })
  return {
    run: (version: ModelVersion, act: VersionAct) => mutation.mutate({ version, act }),
    error: mutation.error,
    /** Id of the version that is being changed. */
    pending: mutation.isPending ? mutation.variables.version.id : undefined,
  }
}

async function send(id: string, { version, act }: Asked): Promise<void> {
  const reference = { id: referenceOf(id, version.number) }
  if (act.kind === 'set-alias') await client.models.setAlias({ id, alias: act.alias, version: version.number })
  if (act.kind === 'remove-alias') await client.models.removeAlias({ id, alias: act.alias })
  if (act.kind === 'archive') await client.models.archive(reference)
  if (act.kind === 'restore') await client.models.restore(reference)
}
