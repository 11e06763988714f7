/** Mantine's looks on the router's links, so that every address is checked by the compiler. */
import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { ComponentProps, Ref } from 'react'

type AnchorElement = Omit<ComponentProps<'a'>, keyof AnchorProps>

export const TextLink = createLink((props: AnchorProps & AnchorElement & { ref?: Ref<HTMLAnchorElement> }) => (
  <Anchor {...props} />
))

type ButtonElement = Omit<ComponentProps<'a'>, keyof ButtonProps>

export const ButtonLink = createLink((props: ButtonProps & ButtonElement & { ref?: Ref<HTMLAnchorElement> }) => (
  <Button component="a" {...props} />
))
