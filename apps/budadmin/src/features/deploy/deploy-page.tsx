/** Can this document be deployed as it stands? */
import type { Cluster } from '@bud/contract'
import { ResourceName, Workload } from '@bud/kernel'
import { Button, Group, Stack, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { IconDeploy } from '../../components/icons.ts'
import { TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { MemoryBar } from '../../components/memory-bar.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { ProblemAlert } from '../../components/problem-alert.tsx'
import { clustersQuery } from '../clusters/api/clusters.ts'
import { CapacitySummary } from '../clusters/components/capacity-summary.tsx'
import { useValidation } from '../deployment/api/use-validation.ts'
import { DeploymentEditor } from '../deployment/components/deployment-editor.tsx'
import { ValidationView } from '../deployment/components/validation-view.tsx'
import { guideDocument, parseDeployment } from '../deployment/prepare/document.ts'
import { endpointsQuery } from '../endpoints/api/endpoints.ts'
import { modelQuery } from '../models/api/model.ts'
import { ModelPicker } from '../models/components/model-picker.tsx'
import { ClusterSelect } from '../optimise/components/place-fields.tsx'
import { TargetTable } from '../optimise/components/target-table.tsx'
import { suggestName } from '../optimise/prepare/result.ts'
import { useDeploy } from './api/use-deploy.ts'
import classes from './deploy-page.module.css'

const route = getRouteApi('/app/deploy')
const defaultWorkload = Workload.parse({})

export function DeployPage() {
  const clusters = useQuery(clustersQuery())
  return (
    <Page
      title="Deploy from YAML"
      above={<TextLink to="/endpoints">Endpoints</TextLink>}
      answer="The same checks as everywhere, before anything changes."
    >
      <Loaded query={clusters} height={480}>
        {(all) => <DeployForm clusters={all} />}
      </Loaded>
    </Page>
  )
}

function DeployForm({ clusters }: { clusters: readonly Cluster[] }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const [text, setText] = useState(guideDocument)
  const parsed = useMemo(() => parseDeployment(text), [text])
  const model = useQuery(modelQuery(search.model)).data
  const cluster = clusters.find((one) => one.id === search.cluster) ?? (clusters.length === 1 ? clusters[0] : undefined)
  const input =
    parsed.ok && search.model && model && cluster
      ? { model: search.model, cluster: cluster.id, deployment: parsed.deployment }
      : undefined
  const validation = useValidation(input)
  const change = (part: { model?: string | undefined; cluster?: string | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  const taken = useQuery(endpointsQuery()).data?.map((endpoint) => endpoint.name)
  const prediction = validation.data?.prediction

  return (
    <div className={classes.columns}>
      <Panel title="Document">
        <DeploymentEditor
          text={text}
          onChange={setText}
          gpuTypes={cluster?.gpus.map((gpu) => gpu.gpu_type) ?? []}
          startWith="yaml"
        />
      </Panel>
      <Stack gap="md">
        <Panel title="What and where">
          <Stack gap="sm">
            <ModelPicker value={search.model} onChange={(id) => change({ model: id })} />
            <ClusterSelect clusters={clusters} value={cluster?.id} onChange={(id) => change({ cluster: id })} />
            {cluster ? <CapacitySummary cluster={cluster} /> : null}
          </Stack>
        </Panel>
        <Panel title="Checks">
          <Stack gap="md">
            <ValidationView documentReasons={parsed.ok ? [] : parsed.reasons} validation={validation} />
            {prediction ? <MemoryBar fit={prediction.memory} /> : null}
            <DeployActions
              key={model?.id}
              suggestion={model ? suggestName(model.name, taken) : ''}
              input={input}
              ready={validation.settled && validation.data?.ok === true}
            />
          </Stack>
        </Panel>
        {prediction ? (
          <Panel title="Predicted" note={`At the default workload, by ${prediction.predictor}. Not measured.`}>
            <TargetTable prediction={prediction} targets={{}} workload={defaultWorkload} held />
          </Panel>
        ) : null}
      </Stack>
    </div>
  )
}

interface DeployActionsProps {
  suggestion: string
  input: Parameters<typeof useValidation>[0]
  ready: boolean
}

function DeployActions({ suggestion, input, ready }: DeployActionsProps) {
  const [typed, setName] = useState<string>()
  const name = typed ?? suggestion
  const deploy = useDeploy()
  const navigate = useNavigate()
  const problem = name === '' ? undefined : ResourceName.safeParse(name).error?.issues[0]?.message
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (!input || !ready || problem) return
        deploy.mutate(
          { ...input, ...(name ? { name } : {}) },
          { onSuccess: ({ id }) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId: id } }) },
        )
      }}
    >
      <Stack gap="sm">
        {deploy.error ? <ProblemAlert error={deploy.error} /> : null}
        <Group align="flex-end" justify="flex-end">
          <TextInput
            label="Endpoint name"
            description="Also the model name for clients"
            value={name}
            error={problem}
            onChange={(event) => setName(event.currentTarget.value)}
            flex={1}
          />
          <Button type="submit" leftSection={<IconDeploy size={16} />} disabled={!ready} loading={deploy.isPending}>
            Deploy
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
