/** The frame around every page: places on the left, who and how live at its foot. */
import { AppShell, Box, Burger, Group } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Logo } from '../components/logo.tsx'
import { useLive } from '../features/live/api/use-live.ts'
import { LiveDot } from '../features/live/components/live-dot.tsx'
import { OutageBanner } from '../features/live/components/outage-banner.tsx'
import { AccountMenu } from './account-menu.tsx'
import { Places } from './places.tsx'
import { SchemeSwitch } from './scheme-switch.tsx'
import classes from './shell.module.css'

export function Shell() {
  const live = useLive()
  const [opened, menu] = useDisclosure(false)
  const path = useRouterState({ select: (state) => state.location.pathname })
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever another page is shown
  useEffect(() => menu.close(), [path])

  return (
    <AppShell
      header={{ height: { base: 56, sm: 0 } }}
      navbar={{ width: 224, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'lg' }}
    >
      <AppShell.Header hiddenFrom="sm" className={classes.bar}>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Logo />
          <Burger
            opened={opened}
            onClick={menu.toggle}
            size="sm"
            aria-label={opened ? 'Close navigation' : 'Open navigation'}
            aria-expanded={opened}
          />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.side}>
        <Box visibleFrom="sm" className={classes.logo}>
          <Logo />
        </Box>
        <Places />
        <div className={classes.foot}>
          <Group justify="space-between" px={8} mb={8}>
            <LiveDot state={live.state} />
            <SchemeSwitch />
          </Group>
          <AccountMenu />
        </div>
      </AppShell.Navbar>
      <AppShell.Main className={classes.main}>
        <div className={classes.content}>
          <OutageBanner status={live} />
          <Outlet />
        </div>
      </AppShell.Main>
    </AppShell>
  )
}
