import { ActionIcon, Code, CopyButton, Group, Tooltip } from '@mantine/core'
import classes from './copy-text.module.css'
import { IconCopied, IconCopy } from './icons.ts'

export function CopyIcon({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon onClick={copy} aria-label={copied ? 'Copied' : label} size="sm">
            {copied ? <IconCopied size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  )
}

/** One line to copy: an id, a URL, a secret. */
export function CopyText({ value, label }: { value: string; label: string }) {
  return (
    <Group gap={4} wrap="nowrap" style={{ minWidth: 0 }}>
      <Code className={classes.line}>{value}</Code>
      <CopyIcon value={value} label={label} />
    </Group>
  )
}

/** Several lines to copy; long ones wrap on the screen, not in the copy. */
export function CopyBlock({ value, label }: { value: string; label: string }) {
  return (
    <div className={classes.block}>
      <pre className={classes.lines}>{value}</pre>
      <div className={classes.corner}>
        <CopyIcon value={value} label={`Copy ${label}`} />
      </div>
    </div>
  )
}
