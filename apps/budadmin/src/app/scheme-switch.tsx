import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core'
import { IconAuto, IconDark, IconLight } from '../components/icons.ts'

const schemes = {
  auto: { next: 'light', name: 'as the system', Icon: IconAuto },
  light: { next: 'dark', name: 'light', Icon: IconLight },
  dark: { next: 'auto', name: 'dark', Icon: IconDark },
} as const

/** Goes round: as the system, light, dark. */
export function SchemeSwitch() {
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const { next, name, Icon } = schemes[colorScheme]
  return (
    <Tooltip label={`Colours: ${name}. Click for ${schemes[next].name}.`}>
      <ActionIcon onClick={() => setColorScheme(next)} aria-label={`Colours: ${name}`}>
        <Icon size={18} />
      </ActionIcon>
    </Tooltip>
  )
}
