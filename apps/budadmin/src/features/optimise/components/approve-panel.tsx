/** The configuration as it will be approved: as recommended, or edited as form or YAML. */
import type { Optimization } from '@bud/contract'
import { type Candidate, ResourceName } from '@bud/kernel'
import { Button, Group, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { IconDeploy } from '../../../components/icons.ts'
import { Panel } from '../../../components/panel.tsx'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { Tag } from '../../../components/tag.tsx'
import { clustersQuery } from '../../clusters/api/clusters.ts'
import { useValidation } from '../../deployment/api/use-validation.ts'
import { ChangesList } from '../../deployment/components/changes-list.tsx'
import { DeploymentEditor } from '../../deployment/components/deployment-editor.tsx'
import { ValidationView } from '../../deployment/components/validation-view.tsx'
import { parseDeployment, toYaml } from '../../deployment/prepare/document.ts'
import { endpointQuery } from '../../endpoints/api/endpoint.ts'
import { endpointsQuery } from '../../endpoints/api/endpoints.ts'
import { ROLLING_UPDATE } from '../../endpoints/prepare/summary.ts'
import { useApprove } from '../api/use-approve.ts'
import { suggestName } from '../prepare/result.ts'

/** The panel's place on the page, for the button at the top that leads there. */
export const APPROVE = 'approve'

export interface ApprovePanelProps {
  result: Optimization
  /** The candidate that is approved; another configuration counts as an edit of it. */
  index: number
  candidate: Candidate
  /** What the editor starts with; left out: the candidate as it is. */
  chosen?: Candidate | undefined
  /** Set for a re-optimisation: applied to this endpoint as a rolling update. */
  endpointId: string | undefined
}

export function ApprovePanel({ result, index, candidate, chosen = candidate, endpointId }: ApprovePanelProps) {
  const recommended = useMemo(() => toYaml(candidate.deployment), [candidate])
  const [text, setText] = useState(() => toYaml(chosen.deployment))
  const [typedName, setName] = useState<string>()
  const taken = useQuery(endpointsQuery()).data?.map((endpoint) => endpoint.name)
  const name = typedName ?? suggestName(result.model.name, taken)
  const parsed = useMemo(() => parseDeployment(text), [text])
  const edited = text !== recommended
  const validation = useValidation(
    parsed.ok
      ? {
          model: result.model.id,
          cluster: result.cluster.id,
          deployment: parsed.deployment,
          workload: result.workload,
          targets: result.targets,
          ...(endpointId ? { endpoint: endpointId } : { name }),
        }
      : undefined,
  )
  const endpoint = useQuery(endpointQuery(endpointId)).data
  const cluster = useQuery(clustersQuery()).data?.find((one) => one.id === result.cluster.id)
  const ready = parsed.ok && validation.settled && validation.data?.ok === true

  return (
    <Panel
      id={APPROVE}
      title="Approve"
      note="The approval keeps who approved what, with which edits. The limits become the endpoint's alert thresholds."
    >
      <Stack gap="md">
        <DeploymentEditor
          text={text}
          onChange={setText}
          gpuTypes={cluster?.gpus.map((gpu) => gpu.gpu_type) ?? []}
          startWith="form"
          extra={edited ? <Edited onReset={() => setText(recommended)} /> : <Text c="dimmed">As recommended</Text>}
        />
        {parsed.ok && endpoint ? <ChangesList before={endpoint.deployment} after={parsed.deployment} /> : null}
        <ValidationView documentReasons={parsed.ok ? [] : parsed.reasons} validation={validation} />
        <ApproveActions
          result={result}
          index={index}
          deployment={edited && parsed.ok ? parsed.deployment : undefined}
          endpointId={endpointId}
          name={name}
          onName={setName}
          ready={ready}
        />
      </Stack>
    </Panel>
  )
}

function Edited({ onReset }: { onReset: () => void }) {
  return (
    <Group gap="xs">
      <Tag accent>edited</Tag>
      <Button variant="subtle" size="compact-sm" onClick={onReset}>
        Back to the recommendation
      </Button>
    </Group>
  )
}

interface ApproveActionsProps extends Omit<ApprovePanelProps, 'candidate' | 'chosen'> {
  deployment: Candidate['deployment'] | undefined
  name: string
  onName: (name: string) => void
  ready: boolean
}

function ApproveActions({ result, index, deployment, endpointId, name, onName, ready }: ApproveActionsProps) {
  const endpoint = useQuery(endpointQuery(endpointId)).data
  const approve = useApprove()
  const navigate = useNavigate()
  const problem = endpointId ? undefined : ResourceName.safeParse(name).error?.issues[0]?.message

  const submit = () =>
    approve.mutate(
      {
        optimizationId: result.id,
        candidate: index,
        deployment,
        target: endpointId ? { kind: 'update', endpointId } : { kind: 'new', name },
      },
      { onSuccess: (id) => void navigate({ to: '/endpoints/$endpointId', params: { endpointId: id } }) },
    )

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (ready && !problem) submit()
      }}
    >
      {approve.error ? <ProblemAlert error={approve.error} /> : null}
      <Group justify="flex-end" align="flex-end" mt="xs">
        {endpointId ? (
          <Text c="dimmed" flex={1}>
            Replaces the replicas of {endpoint?.name ?? 'the endpoint'}. {ROLLING_UPDATE}
          </Text>
        ) : (
          <TextInput
            label="Endpoint name"
            description="Also the model name for clients"
            value={name}
            error={problem}
            onChange={(event) => onName(event.currentTarget.value)}
            w={280}
          />
        )}
        <Button type="submit" leftSection={<IconDeploy size={16} />} disabled={!ready} loading={approve.isPending}>
          {endpointId ? 'Approve and apply' : 'Approve and deploy'}
        </Button>
      </Group>
    </form>
  )
}
