/** What the gateway costs beside asking the engine directly, and beside nginx where it is installed. */
import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TEST_KEY, TEST_TOKEN } from '@bud/budgateway/testing/test-control-plane'
import { Client } from 'undici'
import type { Bench, BenchResult } from './report.ts'

interface Sample {
  perSecond: number
  latencyMs: number
  ttftMs: number
  /** Of the process asked, not of what it asks. */
  cpuMs: number
}
interface Target {
  url: string
  pid: number
}
type Load = { connections: number; stream: boolean; seconds: number }

const NGINX = 'nginx'
const gatewayFile = join(import.meta.dirname, '../apps/gateway/src/main.ts')
const body = (stream: boolean) =>
  JSON.stringify({
    model: 'bench',
    messages: [{ role: 'user', content: 'A question of ordinary length. '.repeat(8) }],
    ...(stream ? { stream } : {}),
  })

export const run: Bench = async ({ smoke }) => {
  const folder = mkdtempSync(join(tmpdir(), 'bud-bench-'))
  const children: ChildProcess[] = []
  try {
    const engine = await forkReady(children, join(import.meta.dirname, 'gateway-engine.ts'), [], {})
    const control = await forkReady(children, join(import.meta.dirname, 'gateway-control.ts'), [engine.url], {})
    const gateway = await forkReady(children, gatewayFile, ['--port', '0'], {
      BUD_CONTROL_URL: control.url,
      BUD_GATEWAY_TOKEN: TEST_TOKEN,
      BUD_GATEWAY_STATE_DIR: join(folder, 'gateway'),
    })
    const idleMb = residentMb(gateway.pid)
    const nginx = await startNginx(children, folder, engine.url)
    const targets = { ours: gateway, direct: engine, ...(nginx ? { nginx } : {}) }
    const rounds = smoke ? 1 : 5
    const seconds = smoke ? 0.2 : 2
    // The busy one first: it leaves every process warm for the lone requests.
    const many = await measure(targets, { connections: 32, stream: false, rounds, seconds })
    const one = await measure(targets, { connections: 1, stream: false, rounds, seconds })
    const streams = await measure(targets, { connections: 32, stream: true, rounds, seconds })
    return {
      name: 'gateway',
      results: [
        rate('requests/s, c=1', one),
        added('added latency, c=1, median', one, 'latencyMs'),
        rate('requests/s, c=32', many),
        added('added latency, c=32, median', many, 'latencyMs'),
        cpu('CPU per request, c=32', many),
        rate('streams/s of 20 events, c=32', streams),
        added('added time to first event, c=32, median', streams, 'ttftMs'),
        cpu('CPU per stream, c=32', streams),
        { what: 'memory at rest, resident', unit: 'MB', ours: idleMb, aim: '≤ 90' },
        { what: 'memory after the load, resident', unit: 'MB', ours: residentMb(gateway.pid) },
      ],
    }
  } finally {
    for (const child of children) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

const rate = (what: string, samples: Record<string, Sample>): BenchResult => {
  const { ours = 0, ...peers } = mapValues(samples, ({ perSecond }) => perSecond)
  return { what, unit: '1/s', ours, peers }
}

function cpu(what: string, samples: Record<string, Sample>): BenchResult {
  const { ours = 0, direct = 0, ...peers } = mapValues(samples, ({ cpuMs }) => cpuMs * 1000)
  return { what, unit: 'µs', ours, peers: { ...peers, 'the engine itself': direct } }
}

function added(
  what: string,
  { direct, ...others }: Record<string, Sample>,
  field: 'latencyMs' | 'ttftMs',
): BenchResult {
  const { ours = 0, ...peers } = mapValues(others, (sample) => (sample[field] - (direct?.[field] ?? 0)) * 1000)
  return { what, unit: 'µs', ours, peers }
}

/** The targets take turns, so that a machine that slows down slows all of them. */
async function measure(
  targets: Record<string, Target>,
  { rounds, ...load }: Load & { rounds: number },
): Promise<Record<string, Sample>> {
  for (const target of Object.values(targets)) await drive(target, { ...load, seconds: load.seconds / 4 })
  const samples: Record<string, Sample[]> = mapValues(targets, () => [])
  for (let i = 0; i < rounds; i++)
    for (const [name, target] of Object.entries(targets)) samples[name]?.push(await drive(target, load))
  return mapValues(samples, (own) => {
    const of = (field: keyof Sample) => median(own.map((sample) => sample[field]))
    return { perSecond: of('perSecond'), latencyMs: of('latencyMs'), ttftMs: of('ttftMs'), cpuMs: of('cpuMs') }
  })
}

async function drive({ url, pid }: Target, { connections, stream, seconds }: Load): Promise<Sample> {
  const clients = Array.from({ length: connections }, () => new Client(url))
  const latencies: number[] = []
  const ttfts: number[] = []
  const text = body(stream)
  const cpuBeforeMs = cpuMsOf(pid)
  const startedMs = performance.now()
  const untilMs = startedMs + seconds * 1000
  const work = clients.map(async (client) => {
    while (performance.now() < untilMs) {
      const sentMs = performance.now()
      ttfts.push((await ask(client, text)) - sentMs)
      latencies.push(performance.now() - sentMs)
    }
  })
  await Promise.all(work)
  const perSecond = (latencies.length / (performance.now() - startedMs)) * 1000
  await Promise.all(clients.map((client) => client.close()))
  const cpuMs = (cpuMsOf(pid) - cpuBeforeMs) / latencies.length
  return { perSecond, latencyMs: median(latencies), ttftMs: median(ttfts), cpuMs }
}

/** When the first byte of the answer came. */
function ask(client: Client, text: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let firstMs = 0
    let status = 0
    client.dispatch(
      {
        path: '/v1/chat/completions',
        method: 'POST',
        headers: { authorization: `Bearer ${TEST_KEY}`, 'content-type': 'application/json' },
        body: text,
      },
      {
        onRequestStart() {},
        onResponseStart(_, code) {
          status = code
        },
        onResponseData() {
          firstMs ||= performance.now()
        },
        onResponseEnd() {
          if (status === 200) resolve(firstMs)
          else reject(new Error(`${client} answered ${status}`))
        },
        onResponseError(_, error) {
          reject(error)
        },
      },
    )
  })
}

async function forkReady(
  children: ChildProcess[],
  file: string,
  argv: string[],
  env: Record<string, string>,
): Promise<Target> {
  const child = fork(file, argv, {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  children.push(child)
  const [{ port }] = await once(child, 'message')
  return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0 }
}

/** undefined where nginx is not installed. */
async function startNginx(children: ChildProcess[], folder: string, engineUrl: string): Promise<Target | undefined> {
  if (spawnSync(NGINX, ['-v']).status !== 0) return undefined
  const port = await freePort()
  const prefix = join(folder, 'nginx')
  mkdirSync(prefix)
  writeFileSync(join(prefix, 'nginx.conf'), nginxConfig(port, engineUrl.replace('http://', '')))
  const child = spawn(NGINX, ['-p', prefix, '-c', 'nginx.conf', '-e', 'error.log'], { stdio: 'ignore' })
  children.push(child)
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).catch(() => undefined)) return { url, pid: child.pid ?? 0 }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('nginx does not answer')
}

const nginxConfig = (port: number, engine: string) => `
daemon off; master_process off; pid nginx.pid; error_log error.log;
events { worker_connections 1024; }
http {
  access_log off; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
  keepalive_requests 1000000;
  upstream engine { server ${engine}; keepalive 64; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://engine; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
  }
}`

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}

const residentMb = (pid: number): number =>
  (Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024) / 1e6

/** User and system time, counted in hundredths of a second. */
function cpuMsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

const mapValues = <From, To>(record: Record<string, From>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
