/** Names what will be lost and who uses it; asks for typing only where it cannot be had back. */
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { ProblemAlert } from './problem-alert.tsx'

export interface DangerDialogProps {
  opened: boolean
  onClose: () => void
  title: string
  /** What will be lost, and by whom it is used. */
  children: ReactNode
  /** The button's words, e.g. "Delete endpoint". */
  action: string
  /** When given, this must be typed first. */
  confirmWith?: string
  pending: boolean
  error: unknown
  onConfirm: () => void
}

export function DangerDialog(props: DangerDialogProps) {
  const [typed, setTyped] = useState('')
  const allowed = props.confirmWith === undefined || typed === props.confirmWith
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.title} onExitTransitionEnd={() => setTyped('')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (allowed) props.onConfirm()
        }}
      >
        <Stack gap="md">
          <Text component="div">{props.children}</Text>
          {props.confirmWith ? (
            <TextInput
              label={`Type ${props.confirmWith} to confirm`}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          ) : null}
          {props.error ? <ProblemAlert error={props.error} /> : null}
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose} data-autofocus={!props.confirmWith || undefined}>
              Cancel
            </Button>
            <Button type="submit" color="red.9" disabled={!allowed} loading={props.pending}>
              {props.action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
