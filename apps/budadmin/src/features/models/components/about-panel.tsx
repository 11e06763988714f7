/** What people say of a model: description and tags. */
import type { ModelDetail } from '@bud/contract'
import { Button, Group, Modal, Stack, TagsInput, Text, Textarea } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useState } from 'react'
import { IconEdit } from '../../../components/icons.ts'
import { Panel } from '../../../components/panel.tsx'
import { ProblemAlert } from '../../../components/problem-alert.tsx'
import { Tag } from '../../../components/tag.tsx'
import { useUpdateModel } from '../api/use-update-model.ts'
import { parseAbout } from '../prepare/about.ts'

export function AboutPanel({ model }: { model: ModelDetail }) {
  const [editing, dialog] = useDisclosure(false)
  const registered = model.origin === 'registered'
  if (!registered && !model.description && model.tags.length === 0) return null
  return (
    <Panel
      title="About"
      actions={
        registered ? (
          <Button size="xs" variant="default" leftSection={<IconEdit size={14} />} onClick={dialog.open}>
            Edit
          </Button>
        ) : undefined
      }
    >
      <Stack gap="xs">
        {model.description ? (
          <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{model.description}</Text>
        ) : registered ? (
          <Text c="dimmed">No description yet.</Text>
        ) : null}
        {model.tags.length > 0 ? (
          <Group gap={4}>
            {model.tags.map((tag) => (
              <Tag key={tag}>{tag}</Tag>
            ))}
          </Group>
        ) : null}
      </Stack>
      <Modal opened={editing} onClose={dialog.close} title={`About ${model.name}`}>
        <AboutForm model={model} onClose={dialog.close} />
      </Modal>
    </Panel>
  )
}

function AboutForm({ model, onClose }: { model: ModelDetail; onClose: () => void }) {
  const [description, setDescription] = useState(model.description ?? '')
  const [tags, setTags] = useState(model.tags)
  const update = useUpdateModel()
  const parsed = parseAbout({ description, tags })
  const problems = parsed.ok ? {} : parsed.problems
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        if (parsed.ok) update.mutate({ id: model.id, ...parsed.change }, { onSuccess: onClose })
      }}
    >
      <Stack gap="md">
        <Textarea
          label="Description"
          autosize
          minRows={3}
          maxRows={12}
          data-autofocus
          value={description}
          error={problems.description}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
        <TagsInput
          label="Tags"
          description="Enter after each; lower case, such as team:search"
          value={tags}
          error={problems.tags}
          onChange={setTags}
        />
        {update.error ? <ProblemAlert error={update.error} /> : null}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!parsed.ok} loading={update.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
