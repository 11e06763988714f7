import type { Cluster, Endpoint } from '@bud/contract'
import { Button, Group, Stack, Text } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { IconOptimise } from '../../../components/icons.ts'
import { Panel } from '../../../components/panel.tsx'
import { ProblemBox } from '../../../components/problem-alert.tsx'
import { plural } from '../../../prepare/format.ts'
import { useOptimise } from '../api/use-optimise.ts'
import { type FormProblems, problemsOf, toAnsweredProblems } from '../prepare/problems.ts'
import { type OptimiseForm as Form, toOptimization } from '../prepare/request.ts'
import { LimitFields } from './limit-fields.tsx'
import classes from './optimise-form.module.css'
import { PlaceFields } from './place-fields.tsx'
import { SearchFields } from './search-fields.tsx'
import { WorkloadFields } from './workload-fields.tsx'

export interface OptimiseFormProps {
  initial: Form
  /** Set for a re-optimisation: model and cluster stay. */
  endpoint: Endpoint | undefined
  clusters: readonly Cluster[]
}

/** What the field groups of the form share. */
export interface FieldsProps {
  form: Form
  problems: FormProblems
  onChange: (part: Partial<Form>) => void
}

export function OptimiseForm({ initial, endpoint, clusters }: OptimiseFormProps) {
  const [form, setForm] = useState(initial)
  const [asked, setAsked] = useState(false)
  const optimise = useOptimise()
  const navigate = useNavigate()
  const problems = problemsOf(form)
  const answered = toAnsweredProblems(optimise.error)
  const fields: FieldsProps = {
    form,
    problems: asked ? { ...answered.fields, ...problems } : {},
    onChange: (part) => {
      setForm((before) => ({ ...before, ...part }))
      if (optimise.error) optimise.reset()
    },
  }

  const submit = () => {
    setAsked(true)
    if (Object.keys(problems).length > 0) return
    optimise.mutate(toOptimization(form, endpoint?.id), {
      onSuccess: ({ id }) =>
        void navigate({
          to: '/optimise/$optimizationId',
          params: { optimizationId: id },
          search: endpoint ? { endpoint: endpoint.id } : {},
        }),
    })
  }

  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <Stack gap="md">
        <div className={classes.columns}>
          <Panel title="1  Model and cluster">
            <PlaceFields {...fields} clusters={clusters} fixed={endpoint !== undefined} />
          </Panel>
          <Panel title="2  Workload" note="What will be asked of it, on average.">
            <WorkloadFields {...fields} />
          </Panel>
          <Panel title="3  Limits" note="What must hold. Leave empty what does not matter.">
            <LimitFields {...fields} />
          </Panel>
          <Panel title="4  Objective" note="What comes first among the configurations that hold the limits.">
            <SearchFields {...fields} />
          </Panel>
        </div>
        {answered.rest ? <ProblemBox problem={answered.rest} /> : null}
        {Object.keys(fields.problems).length > 0 ? (
          <Text ta="right" c="var(--bud-bad)" role="alert">
            {plural(Object.keys(fields.problems).length, 'field needs', 'fields need')} another value.
          </Text>
        ) : null}
        <Group justify="flex-end">
          <Button type="submit" size="md" leftSection={<IconOptimise size={18} />} loading={optimise.isPending}>
            Optimise
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
