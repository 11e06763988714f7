import { type RawSearch, textOf } from '../../../prepare/search.ts'
import type { SignInSearch } from './sign-in.ts'

export const signInSearch = (raw: RawSearch): SignInSearch => ({
  token: textOf(raw.token),
  error: textOf(raw.error),
  next: textOf(raw.next),
})
