import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { useRegisterModel } from '../api/use-register-model.ts'
import {
  emptyRegistration,
  type FieldProblems,
  parseRegistration,
  type RegistrationForm,
} from '../prepare/registration.ts'
import { toModelName } from '../prepare/upload.ts'
import { ClaimFields } from './claim-fields.tsx'
import { SourceField } from './source-field.tsx'
import { UploadBar } from './upload-bar.tsx'

export function RegisterDialog({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Register a model" size="lg" closeOnClickOutside={false}>
      <RegisterForm onClose={onClose} />
    </Modal>
  )
}

function RegisterForm({ onClose }: { onClose: () => void }) {
  const [form, setForm] = useState(emptyRegistration)
  const [problems, setProblems] = useState<FieldProblems>({})
  const register = useRegisterModel()
  const navigate = useNavigate()
  const change = (part: Partial<RegistrationForm>) => setForm((before) => ({ ...before, ...part }))

  const submit = () => {
    const parsed = parseRegistration(form)
    setProblems(parsed.ok ? {} : parsed.problems)
    if (!parsed.ok) return
    register.mutate(parsed.registration, {
      onSuccess: ({ id }) => void navigate({ to: '/models/$modelId', params: { modelId: id } }),
    })
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
      noValidate
    >
      <Stack gap="md">
        <Text c="dimmed">
          Import and security scan start by themselves. The model becomes available only after the scan has passed.
        </Text>
        <SourceField
          form={form}
          problem={problems.source}
          onChange={change}
          onPlan={(plan) => change({ plan, name: form.name || toModelName(plan?.folder ?? '') })}
        />
        <TextInput
          label="Name"
          data-autofocus
          placeholder="my-custom-model"
          required
          value={form.name}
          error={problems.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <ClaimFields form={form} onChange={change} />
        {register.error ? <ProblemAlert error={register.error} /> : null}
        {register.progress && form.plan ? <UploadBar progress={register.progress} plan={form.plan} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={register.isPending ? register.stop : onClose}>
            {register.isPending ? 'Stop' : 'Cancel'}
          </Button>
          <Button type="submit" loading={register.isPending}>
            Register
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
