import type { Cluster } from '@bud/contract'
import { Checkbox, NumberInput, Select, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { formatCount, formatTokens } from '../../../prepare/format.ts'
import { numberOf } from '../../../prepare/number-field.ts'
import { CapacitySummary } from '../../clusters/components/capacity-summary.tsx'
import { modelQuery } from '../../models/api/model.ts'
import { ModelPicker } from '../../models/components/model-picker.tsx'
import type { FieldsProps } from './optimise-form.tsx'

export interface PlaceFieldsProps extends FieldsProps {
  clusters: readonly Cluster[]
  fixed: boolean
}

export function PlaceFields({ form, problems, onChange, clusters, fixed }: PlaceFieldsProps) {
  const model = useQuery(modelQuery(form.model)).data
  const cluster = clusters.find((one) => one.id === form.cluster || one.name === form.cluster)
  return (
    <Stack gap="sm">
      <div>
        <ModelPicker
          value={form.model}
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
