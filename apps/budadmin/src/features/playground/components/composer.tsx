import { Button, Group, Textarea } from '@mantine/core'
import { useState } from 'react'
import { IconSend, IconStop } from '../../../components/icons.ts'

export interface ComposerProps {
  pending: boolean
  onSend: (text: string) => void
  onStop: () => void
  onClear: (() => void) | undefined
}

/** Enter sends, Shift+Enter makes a new line. */
export function Composer({ pending, onSend, onStop, onClear }: ComposerProps) {
  const [text, setText] = useState('')
  const send = () => {
    if (pending || text.trim() === '') return
    onSend(text.trim())
    setText('')
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Textarea
        aria-label="Message"
        placeholder="Message"
        autosize
        minRows={2}
        maxRows={8}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      <Group justify="flex-end" mt="xs">
        {onClear ? (
          <Button variant="subtle" onClick={onClear}>
            Clear
          </Button>
        ) : null}
        {pending ? (
          <Button variant="default" leftSection={<IconStop size={16} />} onClick={onStop}>
            Stop
          </Button>
        ) : (
          <Button type="submit" leftSection={<IconSend size={16} />} disabled={text.trim() === ''}>
            Send
          </Button>
        )}
      </Group>
    </form>
  )
}
