import { Group, Text } from '@mantine/core'

/** The sprout and the name. */
export function Logo() {
  return (
    <Group gap={10} wrap="nowrap">
      <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" fill="#4459cc" />
        <path d="M16 26V15" stroke="#fff" strokeWidth="2.6" strokeLinecap="round" fill="none" />
        <path d="M16 17c0-5 3-8.5 9-9 .2 5.5-3 9-9 9Z" fill="#fff" />
        <path d="M16 20c0-4-2.6-6.6-8-7-.2 4.4 2.6 7 8 7Z" fill="#fff" opacity=".75" />
      </svg>
      <Text fw={600} fz="lg" lh={1} style={{ whiteSpace: 'nowrap' }}>
        Bud AI Foundry
      </Text>
    </Group>
  )
}
