import type { Cluster, ModelSummary } from '@bud/contract'
import { Checkbox, NumberInput, Select, Stack, Text } from '@mantine/core'
import { formatCount, formatTokens } from '../../../prepare/format.ts'
import { numberOf } from '../../../prepare/number-field.ts'
import { CapacitySummary } from '../../clusters/components/capacity-summary.tsx'
import type { FieldsProps } from './optimise-form.tsx'

export interface PlaceFieldsProps extends FieldsProps {
  models: readonly ModelSummary[]
  clusters: readonly Cluster[]
  fixed: boolean
}

export function PlaceFields({ form, problems, onChange, models, clusters, fixed }: PlaceFieldsProps) {
  const model = models.find((one) => one.id === form.model || one.name === form.model)
  const cluster = clusters.find((one) => one.id === form.cluster || one.name === form.cluster)
  return (
    <Stack gap="sm">
      <div>
        <ModelSelect
          models={models}
          value={model?.id}
          onChange={(id) => onChange({ model: id })}
          problem={problems.model}
          disabled={fixed}
        />
        {model ? (
          <Text fz="sm" c="dimmed" mt={4}>
            {formatCount(model.parameter_count)} parameters, {model.architecture}, {formatTokens(model.context_length)}{' '}
            tokens of context
          </Text>
        ) : null}
      </div>
      <Checkbox
        label="Allow FP8 on load"
        description="Also weights and cache quantised to FP8 while loading: smaller and faster, answers may differ a little"
        checked={form.allowFp8}
        onChange={(event) => onChange({ allowFp8: event.currentTarget.checked })}
      />
      <div>
        <ClusterSelect
          clusters={clusters}
          value={cluster?.id}
          onChange={(id) => onChange({ cluster: id })}
          problem={problems.cluster}
          disabled={fixed}
        />
        {cluster ? (
          <div style={{ marginTop: 6 }}>
            <CapacitySummary cluster={cluster} />
          </div>
        ) : null}
      </div>
      <NumberInput
        label="GPU memory kept free"
        description="10–20 % is advised"
        suffix=" %"
        min={2}
        max={50}
        allowDecimal={false}
        value={form.headroomPercent ?? ''}
        error={problems.headroom}
        onChange={(value) => onChange({ headroomPercent: numberOf(value) })}
      />
    </Stack>
  )
}

interface PickProps {
  value: string | undefined
  onChange: (id: string | undefined) => void
  problem?: string | undefined
  disabled?: boolean
}

/** Only what may be deployed is offered. */
export function ModelSelect({
  models,
  value,
  onChange,
  problem,
  disabled = false,
}: PickProps & { models: readonly ModelSummary[] }) {
  return (
    <Select
      label="Model"
      placeholder="Choose a model"
      required
      searchable
      disabled={disabled}
      data={models
        .filter((model) => model.state.name === 'available' || model.id === value)
        .map((model) => ({ value: model.id, label: model.name }))}
      value={value ?? null}
      error={problem}
      onChange={(id) => onChange(id ?? undefined)}
      nothingFoundMessage="No such model"
    />
  )
}

export function ClusterSelect({
  clusters,
  value,
  onChange,
  problem,
  disabled = false,
}: PickProps & { clusters: readonly Cluster[] }) {
  return (
    <Select
      label="Cluster"
      placeholder="Choose a cluster"
      required
      disabled={disabled}
      data={clusters.map((cluster) => ({ value: cluster.id, label: `${cluster.name} (${cluster.stage})` }))}
      value={value ?? null}
      error={problem}
      onChange={(id) => onChange(id ?? undefined)}
    />
  )
}
