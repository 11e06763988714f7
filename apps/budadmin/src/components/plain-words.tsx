import { withoutApiHints } from '../prepare/api-hints.ts'
import { TextLink } from './link.tsx'

/** What the API said, with a link where it named one of its lists. */
export function PlainWords({ said }: { said: string }) {
  const { text, place } = withoutApiHints(said)
  if (!place) return text
  return (
    <>
      {text}{' '}
      <TextLink to={place.to} underline="always" inherit>
        {place.label}
      </TextLink>
    </>
  )
}
