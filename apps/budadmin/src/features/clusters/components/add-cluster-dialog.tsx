import { ActionIcon, Button, Group, Modal, NumberInput, Select, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { IconDelete, IconPlus } from '../../../components/icons.ts'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { gpusQuery } from '../api/gpus.ts'
import { useCreateCluster } from '../api/use-create-cluster.ts'
import { clusterNameProblem, emptyCluster, type NodeGroup, toCreateCluster, withGroup } from '../prepare/new-cluster.ts'

export function AddClusterDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a simulated cluster" size="lg">
      <AddClusterForm onClose={onClose} />
    </Modal>
  )
}

function AddClusterForm({ onClose }: { onClose: () => void }) {
  const [cluster, setCluster] = useState(emptyCluster)
  const [touched, setTouched] = useState(false)
  const create = useCreateCluster()
  const problem = clusterNameProblem(cluster.name)
  const setGroups = (groups: NodeGroup[]) => setCluster({ ...cluster, groups })

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        setTouched(true)
        if (!problem) create.mutate(toCreateCluster(cluster), { onSuccess: onClose })
      }}
    >
      <Stack gap="md">
        <Text c="dimmed">
          Virtual nodes whose engines behave as the real ones do, timed by a model of the hardware. Nothing runs on a
          GPU.
        </Text>
        <Group grow align="flex-start">
          <TextInput
            label="Name"
            data-autofocus
            placeholder="lab"
            required
            value={cluster.name}
            error={touched ? problem : undefined}
            onChange={(event) => setCluster({ ...cluster, name: event.currentTarget.value })}
          />
          <Select
            label="Stage"
            data={['staging', 'production']}
            allowDeselect={false}
            value={cluster.stage}
            onChange={(value) => setCluster({ ...cluster, stage: value === 'production' ? 'production' : 'staging' })}
          />
        </Group>
        <NodeGroups groups={cluster.groups} onChange={setGroups} />
        {create.error ? <ProblemAlert error={create.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={create.isPending}>
            Add cluster
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function NodeGroups({ groups, onChange }: { groups: NodeGroup[]; onChange: (groups: NodeGroup[]) => void }) {
  const change = (key: number, part: Partial<NodeGroup>) =>
    onChange(groups.map((group) => (group.key === key ? { ...group, ...part } : group)))
  return (
    <Stack gap="xs">
      {groups.map((group, index) => (
        <NodeGroupRow
          key={group.key}
          group={group}
          labelled={index === 0}
          onChange={(part) => change(group.key, part)}
          onRemove={groups.length > 1 ? () => onChange(groups.filter((one) => one.key !== group.key)) : undefined}
        />
      ))}
      <Button
        variant="subtle"
        size="xs"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange(withGroup(groups))}
        style={{ alignSelf: 'flex-start' }}
      >
        More nodes
      </Button>
    </Stack>
  )
}

interface NodeGroupRowProps {
  group: NodeGroup
  labelled: boolean
  onChange: (part: Partial<NodeGroup>) => void
  onRemove: (() => void) | undefined
}

function NodeGroupRow({ group, labelled, onChange, onRemove }: NodeGroupRowProps) {
  const gpus = useQuery(gpusQuery()).data ?? []
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <NumberInput
        label={labelled ? 'Nodes' : undefined}
        aria-label="Nodes"
        min={1}
        max={1000}
        w={90}
        value={group.count}
        onChange={(value) => onChange({ count: Number(value) || 1 })}
      />
      <Select
        label={labelled ? 'GPU type' : undefined}
        aria-label="GPU type"
        data={gpus.map((gpu) => gpu.id)}
        searchable
        allowDeselect={false}
        value={group.gpuType}
        onChange={(value) => (value ? onChange({ gpuType: value }) : undefined)}
        flex={1}
      />
      <NumberInput
        label={labelled ? 'GPUs a node' : undefined}
        aria-label="GPUs a node"
        min={1}
        max={16}
        w={110}
        value={group.gpuCount}
        onChange={(value) => onChange({ gpuCount: Number(value) || 1 })}
      />
      <ActionIcon
        aria-label="Remove these nodes"
        disabled={!onRemove}
        onClick={onRemove}
        size={36}
        style={{ visibility: onRemove ? 'visible' : 'hidden' }}
      >
        <IconDelete size={16} />
      </ActionIcon>
    </Group>
  )
}
