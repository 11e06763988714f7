/** A gateway process: a child of the control plane, which ends with it, or started apart. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Compiled once and kept: half the start-up time from the second start on.
enableCompileCache(join(import.meta.dirname, '../../../node_modules/.cache/bud'))
const { runGateway } = await import('./run-gateway.ts')
await runGateway()
