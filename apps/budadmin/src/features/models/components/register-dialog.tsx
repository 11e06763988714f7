/** Brings a model, or a new version of one, into the registry. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../../../api.ts'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { useRegisterModel } from '../api/use-register-model.ts'
import {
  emptyRegistration,
  type FieldProblems,
  parseRegistration,
  type RegistrationForm,
  suggestedName,
} from '../prepare/registration.ts'
import { ClaimFields } from './claim-fields.tsx'
import { SourceField } from './source-field.tsx'
import { TransferBar } from './transfer-bar.tsx'

export interface RegisterDialogProps {
  opened: boolean
  onClose: () => void
  /** Given: a version is added to it. */
  model?: { id: string; name: string }
}

export function RegisterDialog({ opened, onClose, model }: RegisterDialogProps) {
  const [sending, setSending] = useState(false)
  return (
    <Modal
      opened={opened}
      // While files are on their way, only the form's own buttons end it.
      onClose={() => (sending ? undefined : onClose())}
      withCloseButton={!sending}
      title={model ? `Add a version of ${model.name}` : 'Register a model'}
      size="lg"
      closeOnClickOutside={false}
    >
      <RegisterForm model={model} onClose={onClose} onSending={setSending} />
    </Modal>
  )
}

interface RegisterFormProps {
  model: RegisterDialogProps['model']
  onClose: () => void
  onSending: (sending: boolean) => void
}

function RegisterForm({ model, onClose, onSending }: RegisterFormProps) {
  const [form, setForm] = useState({ ...emptyRegistration, name: model?.name ?? '' })
  const [named, setNamed] = useState(model !== undefined)
  const [problems, setProblems] = useState<FieldProblems>({})
  const register = useRegisterModel(model?.id)
  const show = useShownModel(model?.id, onClose)
  const change = (part: Partial<RegistrationForm>) =>
    setForm((before) => {
      const next = { ...before, ...part }
      return named || part.name !== undefined ? next : { ...next, name: suggestedName(next) }
    })

  const submit = () => {
    const parsed = parseRegistration(form)
    setProblems(parsed.ok ? {} : parsed.problems)
    if (!parsed.ok) return
    onSending(true)
    register.mutate(parsed.registration, {
      onSuccess: ({ id }) => void show(id),
      onSettled: () => onSending(false),
    })
  }
  const cancel = () => {
    register.discard()
    onSending(false)
    onClose()
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
          Import and security scan start by themselves. {model ? 'The version' : 'The model'} becomes available only
          after the scan has passed.
        </Text>
        <SourceField form={form} problems={problems} onChange={change} disabled={register.isPending} />
        {model ? null : (
          <TextInput
            label="Name"
            data-autofocus
            placeholder="my-custom-model"
            required
            value={form.name}
            error={problems.name}
            onChange={(event) => {
              setNamed(true)
              change({ name: event.currentTarget.value })
            }}
          />
        )}
        <ClaimFields form={form} onChange={change} />
        <Progress register={register} plan={form.plan} />
        <Actions register={register} action={model ? 'Add version' : 'Register'} onCancel={cancel} />
      </Stack>
    </form>
  )
}

type Register = ReturnType<typeof useRegisterModel>

function Progress({ register, plan }: { register: Register; plan: RegistrationForm['plan'] }) {
  return (
    <>
      {register.error ? <ProblemAlert error={register.error} /> : null}
      {plan && register.samples.length > 0 ? (
        <TransferBar
          samples={register.samples}
          total={plan.bytes}
          sending={register.isPending}
          onPause={register.pause}
        />
      ) : null}
    </>
  )
}

function Actions({ register, action, onCancel }: { register: Register; action: string; onCancel: () => void }) {
  const begun = register.samples.length > 0
  const goOn = begun && (register.paused || register.error !== null)
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onCancel}>
        {begun ? 'Stop and discard' : 'Cancel'}
      </Button>
      <Button type="submit" loading={register.isPending}>
        {goOn ? 'Go on' : action}
      </Button>
    </Group>
  )
}

/** Opens what has been registered: a version of its own is looked at by its number. */
function useShownModel(addedTo: string | undefined, onClose: () => void) {
  const navigate = useNavigate()
  return async (id: string) => {
    const version = addedTo === undefined ? undefined : (await client.models.get({ id })).versions[0]?.number
    onClose()
    await navigate({ to: '/models/$modelId', params: { modelId: id }, search: { version } })
  }
}
