/** Lets one finding through: with a name, a reason and a last day. */
import type { ModelDetail } from '@bud/contract'
import { Button, Checkbox, Code, Group, Modal, Stack, Text, Textarea, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { useWaive } from '../../model-policy/api/use-waive.ts'
import { modelFileQuery } from '../api/model-file.ts'
import { type Finding, withoutPath } from '../prepare/scan.ts'
import { expiryBounds, newWaiver, parseWaiver, type WaiverProblems } from '../prepare/waiver.ts'

export interface WaiveDialogProps {
  model: ModelDetail
  finding: Finding | undefined
  onClose: () => void
}

export function WaiveDialog({ model, finding, onClose }: WaiveDialogProps) {
  return (
    <Modal opened={finding !== undefined} onClose={onClose} title="Let this finding through" size="lg">
      {finding ? <WaiveForm model={model} finding={finding} onClose={onClose} /> : null}
    </Modal>
  )
}

function WaiveForm({ model, finding, onClose }: WaiveDialogProps & { finding: Finding }) {
  const [openedMs] = useState(Date.now)
  const [form, setForm] = useState(() => newWaiver(finding, model.name, openedMs))
  const [problems, setProblems] = useState<WaiverProblems>({})
  const file = useQuery(modelFileQuery(model.version_id, finding.path))
  const waive = useWaive()
  const change = (part: Partial<typeof form>) => setForm((before) => ({ ...before, ...part }))
  const submit = () => {
    const parsed = parseWaiver(form, { model: model.name, finding, sha256: file.data?.sha256 }, openedMs)
    setProblems(parsed.ok ? {} : parsed.problems)
    if (parsed.ok) waive.mutate(parsed.waiver, { onSuccess: onClose })
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
        <Subject finding={finding} modelName={model.name} />
        <Textarea
          label="Reason"
          description="Who checked what; it stands in the policy and in the report"
          required
          data-autofocus
          autosize
          minRows={2}
          value={form.reason}
          error={problems.reason}
          onChange={(event) => change({ reason: event.currentTarget.value })}
        />
        <Group grow align="flex-start">
          <TextInput
            label="Name"
            required
            value={form.name}
            error={problems.name}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
          <TextInput
            label="Last day"
            type="date"
            required
            {...expiryBounds(openedMs)}
            value={form.expires}
            error={problems.expires}
            onChange={(event) => change({ expires: event.currentTarget.value })}
          />
        </Group>
        <Checkbox
          label="Only while the file stays as it is"
          description={file.data ? `sha256 ${file.data.sha256}` : 'Its sha256 is being looked up'}
          checked={form.pinned}
          onChange={(event) => change({ pinned: event.currentTarget.checked })}
          styles={{ description: { overflowWrap: 'anywhere' } }}
        />
        {waive.error ? <ProblemAlert error={waive.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color="red.9" loading={waive.isPending || (form.pinned && file.isPending)}>
            Waive
          </Button>
        </Group>
      </Stack>
    </form>
  )
}

function Subject({ finding, modelName }: { finding: Finding; modelName: string }) {
  return (
    <div style={{ overflowWrap: 'anywhere' }}>
      <Text>
        <Code mr={6}>{finding.path}</Code>
        {withoutPath(finding)}
      </Text>
      <Text c="dimmed" fz="sm" mt={4}>
        The rule {finding.rule} no longer counts for this file of {modelName}. All other rules still do, and the file
        runs where the model is deployed.
      </Text>
    </div>
  )
}
