import { Menu, Text, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { IconSettings, IconSignOut } from '../components/icons.ts'
import { meQuery } from '../features/session/api/me.ts'
import { useSignOut } from '../features/session/api/use-sign-out.ts'
import classes from './shell.module.css'

export function AccountMenu() {
  const me = useQuery(meQuery()).data
  const signOut = useSignOut()
  return (
    <Menu position="top-start" width={204}>
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          <Text fw={500} truncate>
            {me?.name ?? ' '}
          </Text>
          <Text fz="sm" c="dimmed" truncate>
            {me ? `${me.project.name} · ${me.role}` : ' '}
          </Text>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings size={16} />}>
          Settings
        </Menu.Item>
        <Menu.Item leftSection={<IconSignOut size={16} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
