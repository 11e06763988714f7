/** A throw-away PostgreSQL server on a socket of its own, for tests that want the real thing. */
import { spawn, spawnSync } from 'node:child_process'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export interface PostgresServer {
  readonly url: string
  stop(): Promise<void>
}

const DEBIAN_FOLDER = '/usr/lib/postgresql'
const READY_WITHIN_MS = 20_000
const READY_POLL_MS = 50

/** The folder with `initdb` and `postgres` of the newest version that Debian's packages put here. */
export function findPostgresPrograms(): string | undefined {
  const versions = existsSync(DEBIAN_FOLDER) ? readdirSync(DEBIAN_FOLDER) : []
  return versions
    .sort((left, right) => Number(right) - Number(left))
    .map((version) => join(DEBIAN_FOLDER, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'postgres')))
}

/** `programs`: the folder that holds `initdb` and `postgres`. Listens on 127.0.0.1 only; its data goes with `stop`. */
export async function startPostgresServer(programs: string): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), 'bud-postgres-'))
  const owner = unprivileged(folder)
  const data = join(folder, 'data')
  const initdb = spawnSync(
    join(programs, 'initdb'),
    ['--pgdata', data, '--username=bud', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync'],
    { ...owner, encoding: 'utf8' },
  )
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr || initdb.error?.message}`)
  const port = await freePort()
  const settings = { port, listen_addresses: '127.0.0.1', unix_socket_directories: folder, fsync: 'off' }
  const server = spawn(
    join(programs, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...owner, stdio: 'ignore' },
  )
  const exited = new Promise<void>((resolve) => server.once('exit', () => resolve()))
  await waitForPidFile(data, server)
  return {
    url: `postgres://bud@127.0.0.1:${port}/postgres`,
    async stop() {
      server.kill('SIGINT')
      await exited
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** PostgreSQL refuses to run as root: as root it runs as "nobody". */
function unprivileged(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const nobody = 65_534
  chownSync(folder, nobody, nobody)
  return { uid: nobody, gid: nobody }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('No free port.')
  return address.port
}

/** The server writes "ready" into its pid file once it takes connections. */
async function waitForPidFile(data: string, server: { exitCode: number | null }): Promise<void> {
  for (const start = performance.now(); performance.now() - start < READY_WITHIN_MS; await wait(READY_POLL_MS)) {
    if (server.exitCode !== null) break
    const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '')
    if (/^ready\s*$/m.test(text)) return
  }
  throw new Error(`PostgreSQL did not start in ${data} within ${READY_WITHIN_MS / 1000} s.`)
}
