import type { ModelDetail } from '@bud/contract'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { IconCompare, IconDelete, IconOptimise, IconRefresh } from '../../../components/icons.ts'
import { ButtonLink } from '../../../components/link.tsx'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { useRescan } from '../api/use-rescan.ts'
import { referenceOf } from '../prepare/versions.ts'
import { DeleteModel } from './delete-model.tsx'

/** `asked`: the version that is looked at; what is done then is done with that one. */
export function ModelActions({ model, asked }: { model: ModelDetail; asked: number | undefined }) {
  const reference = referenceOf(model.id, asked)
  return (
    <>
      {model.origin === 'registered' ? <Keep model={model} reference={reference} /> : null}
      <ButtonLink to="/models" search={{ compare: model.id }} variant="default" leftSection={<IconCompare size={16} />}>
        Compare with …
      </ButtonLink>
      {model.state.name === 'available' && model.kind === 'model' ? (
        <>
          <ButtonLink to="/deploy" search={{ model: reference }} variant="default">
            Deploy from YAML
          </ButtonLink>
          <ButtonLink to="/optimise" search={{ model: reference }} leftSection={<IconOptimise size={16} />}>
            Optimise
          </ButtonLink>
        </>
      ) : null}
    </>
  )
}

function Keep({ model, reference }: { model: ModelDetail; reference: string }) {
  const [deleting, setDeleting] = useState(false)
  const rescan = useRescan()
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconRefresh size={16} />}
        loading={rescan.isPending || model.rescanning}
        disabled={model.state.name === 'importing' || model.state.name === 'failed'}
        onClick={() => rescan.mutate({ id: reference })}
      >
        Scan again
      </Button>
      <Button variant="default" leftSection={<IconDelete size={16} />} onClick={() => setDeleting(true)}>
        Delete
      </Button>
      <DeleteModel model={model} opened={deleting} onClose={() => setDeleting(false)} />
      {rescan.error ? <ProblemAlert error={rescan.error} /> : null}
    </>
  )
}
