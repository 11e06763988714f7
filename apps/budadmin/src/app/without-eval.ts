/**
 * The page's content security policy forbids code from strings; zod must not even try whether it may. First import of
 * main.tsx, for zod looks when a schema is made.
 */
import { config } from 'zod'

config({ jitless: true })
