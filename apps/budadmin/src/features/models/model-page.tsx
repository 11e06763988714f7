/** Can I trust this model, and run it? */

import type { ModelDetail } from '@bud/contract'
import { Button, SimpleGrid, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { IconDelete, IconOptimise, IconRefresh } from '../../components/icons.ts'
import { ButtonLink, TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { ReasonList } from '../../components/reason-list.tsx'
import { modelTone } from '../../prepare/states.ts'
import { modelQuery } from './api/model.ts'
import { useRescan } from './api/use-rescan.ts'
import { DeleteModel } from './components/delete-model.tsx'
import { ImportSteps } from './components/import-steps.tsx'
import { ModelConflicts, ModelFactsPanel } from './components/model-facts.tsx'
import { ModelFiles } from './components/model-files.tsx'
import { ModelStatus } from './components/model-status.tsx'
import { ScanReport } from './components/scan-report.tsx'
import { UsedBy } from './components/used-by.tsx'

const route = getRouteApi('/app/models/$modelId')

export function ModelPage() {
  const { modelId } = route.useParams()
  const query = useQuery(modelQuery(modelId))
  return (
    <Loaded query={query} page="Model">
      {(model) => <ModelView model={model} />}
    </Loaded>
  )
}

function ModelView({ model }: { model: ModelDetail }) {
  return (
    <Page
      title={model.name}
      above={<TextLink to="/models">Models</TextLink>}
      answer={
        <ModelStatus state={model.state} has_files={model.has_files} since={model.origin === 'registered'} size="lg" />
      }
      actions={<ModelActions model={model} />}
    >
      {model.state.reasons.length > 0 ? (
        <Panel>
          <ReasonList reasons={model.state.reasons} tone={modelTone(model.state.name)} />
        </Panel>
      ) : null}
      <ModelConflicts conflicts={model.conflicts} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
        <Stack gap="md">
          <ModelFactsPanel model={model} />
          <UsedBy endpoints={model.used_by} />
        </Stack>
        <Stack gap="md">
          <ImportSteps operationId={model.operation_id} />
          <ScanReport model={model} />
          <ModelFiles model={model} />
        </Stack>
      </SimpleGrid>
    </Page>
  )
}

function ModelActions({ model }: { model: ModelDetail }) {
  const [deleting, setDeleting] = useState(false)
  const rescan = useRescan()
  const usable = model.state.name === 'available'
  return (
    <>
      {model.origin === 'registered' ? (
        <>
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} />}
            loading={rescan.isPending}
            onClick={() => rescan.mutate({ id: model.id })}
          >
            Scan again
          </Button>
          <Button variant="default" leftSection={<IconDelete size={16} />} onClick={() => setDeleting(true)}>
            Delete
          </Button>
          <DeleteModel model={model} opened={deleting} onClose={() => setDeleting(false)} />
        </>
      ) : null}
      {usable ? (
        <>
          <ButtonLink to="/deploy" search={{ model: model.id }} variant="default">
            Deploy from YAML
          </ButtonLink>
          <ButtonLink to="/optimise" search={{ model: model.id }} leftSection={<IconOptimise size={16} />}>
            Optimise
          </ButtonLink>
        </>
      ) : null}
      {rescan.error ? <ProblemAlert error={rescan.error} /> : null}
    </>
  )
}
