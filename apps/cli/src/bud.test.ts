/** What scripts and people rely on in every verb: exit codes, --json, help, and errors that say what to do. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { bud as typed } from './config.ts'
import { createProgram } from './program.ts'
import { runBud } from './testing/run-bud.ts'
import { json, refusal, type ScriptedFoundry, startScriptedFoundry } from './testing/scripted-foundry.ts'

let home: string
let foundry: ScriptedFoundry
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'bud-cli-'))
  process.env.XDG_CONFIG_HOME = home
  process.env.NO_COLOR = '1'
  foundry = await startScriptedFoundry()
})
afterAll(async () => {
  delete process.env.XDG_CONFIG_HOME
  delete process.env.NO_COLOR
  await foundry.close()
  rmSync(home, { recursive: true })
})
beforeEach(() => {
  foundry.seen.length = 0
})

const bud = (...args: string[]) => runBud(...args, '--url', foundry.url, '--token', 'a-token')

describe('the exit code', () => {
  test.each([
    [400, 'BAD_REQUEST', 2],
    [401, 'UNAUTHORIZED', 3],
    [403, 'FORBIDDEN', 3],
    [404, 'NOT_FOUND', 4],
    [409, 'CONFLICT', 5],
    [422, 'UNPROCESSABLE_CONTENT', 2],
    [500, 'INTERNAL_SERVER_ERROR', 1],
    [503, 'SERVICE_UNAVAILABLE', 3],
  ])('of a refusal with %i %s is %i, and the server’s words are shown', async (status, code, exitCode) => {
    foundry.on('GET /clusters', refusal(status, code, 'The server says so.'))
    const result = await bud('cluster', 'list')
    expect(result).toMatchObject({ code: exitCode, stdout: '' })
    expect(result.stderr).toContain('The server says so.')
  })

  test('is 3 when nobody answers, with what was tried and what to do', async () => {
    const { code, stderr } = await runBud('cluster', 'list', '--url', 'http://127.0.0.1:1', '--token', 'x')
    expect(code).toBe(3)
    expect(stderr).toMatch(/No Foundry answers at http:\/\/127\.0\.0\.1:1\. Start one with "npm start"/)
  })

  test('is 2 for every wrong use, said before anything is sent', async () => {
    const wrong = [
      ['no-such-verb'],
      ['model', 'no-such-verb'],
      ['model', 'get'],
      ['model', 'list', '--no-such-option'],
      ['model', 'list', '--limit', 'many'],
      ['endpoint', 'scale', 'chat', 'more'],
      ['endpoint', 'scale', 'chat', '1.5'],
      ['endpoint', 'scale', 'chat', '0'],
      ['endpoint', 'logs', 'chat', '--lines', 'all'],
      ['alerts', 'set', 'chat', 'happiness', '--threshold', '1'],
      ['cluster', 'add', 'new', '--nodes', '2xH100'],
      ['cluster', 'stage', 'demo', 'moon'],
      ['sim', 'optimize', '--objective', 'beauty', '--model', 'x'],
      ['sim', 'optimize'],
      ['deploy'],
      ['deploy', '--approval', 'appr-1', '-f', 'x.yaml'],
      ['deploy', '-f', '/no/such/file.yaml'],
      ['model', 'push', '/no/such/folder'],
    ]
    for (const args of wrong) {
      const { code, stderr } = await bud(...args)
      expect([args.join(' '), code]).toEqual([args.join(' '), 2])
      expect(stderr).not.toBe('')
    }
    const { code, stderr } = await runBud('completion', 'ksh')
    expect([code, stderr]).toEqual([2, expect.stringContaining('bash, zsh, fish')])
    expect(foundry.seen).toEqual([])
  })

  test('is 0 for help, the version and for what was done', async () => {
    expect((await runBud('--help')).code).toBe(0)
    expect(await runBud('--version')).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    expect((await runBud('model', 'list', '--help')).code).toBe(0)
    foundry.on('DELETE /tokens/token-1', json(200, {}))
    expect(await bud('token', 'revoke', 'token-1')).toEqual({ code: 0, stdout: 'Revoked token-1.\n', stderr: '' })
  })

  test('is 1 when the answer is no: a sick system, an infeasible search', async () => {
    const check = { name: 'gateway', ok: false, message: 'does not answer', next_step: 'Is its port taken?' }
    const info = {
      version: '1',
      api_version: '1',
      gateway_url: 'x',
      data_dir: null,
      database: 'pglite',
      checks: [check],
    }
    foundry.on('GET /system', json(200, info))
    const { code, stdout } = await bud('doctor')
    expect(code).toBe(1)
    expect(stdout).toContain('gateway: does not answer\n    next: Is its port taken?')
  })
})

describe('an error', () => {
  const reasons = [
    {
      code: 'gpu-memory-exceeded',
      message: 'It needs 90 GB of 80.',
      path: 'deployment.resources',
      next_step: 'Use 2 GPUs.',
    },
    { code: 'heads-not-divisible', message: '32 heads over 3 GPUs.', evidence: 'num_attention_heads: 32' },
  ]

  test('lists every reason with its place, evidence and next step', async () => {
    foundry.on('GET /clusters', refusal(422, 'UNPROCESSABLE_CONTENT', 'It cannot run.', reasons))
    expect((await bud('cluster', 'list')).stderr).toBe(`It cannot run.
  • deployment.resources: It needs 90 GB of 80.
    next: Use 2 GPUs.
  • 32 heads over 3 GPUs.
    evidence: num_attention_heads: 32
`)
  })

  test('with --json is one JSON document on standard output, and nothing else', async () => {
    foundry.on('GET /clusters', refusal(422, 'UNPROCESSABLE_CONTENT', 'It cannot run.', reasons))
    const { code, stdout, stderr } = await bud('cluster', 'list', '--json')
    expect([code, stderr]).toEqual([2, ''])
    const stated = reasons.map(({ code: _code, ...reason }) => reason)
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'UNPROCESSABLE_CONTENT', message: 'It cannot run.', reasons: stated },
    })
    const own = await bud('model', 'list', '--limit', 'many', '--json')
    expect(JSON.parse(own.stdout)).toMatchObject({ error: { code: 'invalid-input' } })
    expect(own.stderr).toBe('')
  })

  test.each([
    [['modle', 'list'], "unknown command 'modle'"],
    [['model', 'get'], "missing required argument 'model'"],
    [['model', 'list', '--no-such-option'], "unknown option '--no-such-option'"],
    [['completion', 'ksh'], 'bash, zsh, fish'],
  ])('of use is one JSON document too: bud %j --json', async (args, message) => {
    const { code, stdout, stderr } = await runBud(...args, '--json')
    expect([code, stderr]).toEqual([2, ''])
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'invalid-input', message: expect.stringContaining(message), reasons: [] },
    })
  })

  test('that points at the HTTP API is told in commands to people, and as it is to scripts', async () => {
    const busy = [{ code: 'operation-under-way', message: 'It is under way.', next_step: 'GET /operations/op-1' }]
    foundry.on(
      'GET /clusters',
      refusal(409, 'CONFLICT', 'It is busy. Follow it at GET /operations/op-1 and ask.', busy),
    )
    const command = typed('operation watch op-1')
    expect((await bud('cluster', 'list')).stderr).toBe(
      `It is busy. Follow it with "${command}" and ask.\n  • It is under way.\n    next: "${command}"\n`,
    )
    expect((await bud('cluster', 'list', '--json')).stdout).toContain('at GET /operations/op-1 and ask')
  })

  test('of a token that is not accepted says where the token came from', async () => {
    foundry.on('GET /clusters', refusal(401, 'UNAUTHORIZED', 'Sign in.'))
    const folder = join(home, 'state')
    const { stderr } = await runBud('cluster', 'list', '--url', foundry.url, '--data-dir', folder)
    expect(stderr).toContain(`(token from ${join(folder, 'token')})`)
  })
})

describe('help', () => {
  const leaves = (command: Command, path: string[] = []): Array<{ path: string; command: Command }> =>
    command.commands.length === 0
      ? [{ path: path.join(' '), command }]
      : command.commands.flatMap((child) => leaves(child, [...path, child.name()]))
  const verbs = leaves(createProgram()).filter(({ path }) => path !== 'completion')

  test('shows with every verb --json and, under one heading, how to reach the Foundry', () => {
    expect(verbs.length).toBeGreaterThan(30)
    for (const { path, command } of verbs) {
      const help = command.helpInformation()
      expect([path, help]).toEqual([
        path,
        expect.stringMatching(/--json.*\nConnection:\n +--url <url>.*--token <token>.*--data-dir <dir>/s),
      ])
    }
  })

  test('says of every verb what it does', () => {
    expect(verbs.filter(({ command }) => command.description() === '').map(({ path }) => path)).toEqual([])
  })
})

test('the program ends in peace when nobody reads it to the end', () => {
  const main = join(import.meta.dirname, 'main.ts')
  const pipe = `'${process.execPath}' '${main}' --help | true; echo "\${PIPESTATUS[0]}"`
  const { stdout, stderr } = spawnSync('bash', ['-c', pipe], { encoding: 'utf8' })
  expect([stdout, stderr]).toEqual(['0\n', ''])
})

describe('bud login', () => {
  const me = {
    user_id: 'u',
    name: 'Ada',
    email: 'ada@example.org',
    project: { id: 'p', name: 'default' },
    role: 'owner',
  }
  const profile = () => join(home, 'bud', 'profile.json')

  test('asks who one is, and keeps address and token for its owner alone', async () => {
    foundry.on('GET /me', json(200, me))
    const { code, stdout } = await bud('login')
    expect([code, stdout]).toEqual([0, expect.stringContaining('as Ada in project default')])
    expect(foundry.seen[0]?.headers.authorization).toBe('Bearer a-token')
    expect(JSON.parse(readFileSync(profile(), 'utf8'))).toEqual({ url: foundry.url, token: 'a-token' })
    expect((statSync(profile()).mode & 0o777).toString(8)).toBe('600')
    foundry.on('GET /clusters', json(200, []))
    expect((await runBud('cluster', 'list')).code).toBe(0)
    rmSync(profile())
  })

  test('keeps nothing that the server does not accept', async () => {
    foundry.on('GET /me', refusal(401, 'UNAUTHORIZED', 'Sign in.'))
    expect((await bud('login')).code).toBe(3)
    expect(() => statSync(profile())).toThrow('ENOENT')
  })

  test('says what it needs', async () => {
    const { code, stderr } = await runBud('login', '--url', 'https://foundry.example')
    expect([code, stderr]).toEqual([2, expect.stringContaining('--url and --token')])
  })
})

describe('bud cluster add', () => {
  test('understands nodes as people write them', async () => {
    const cluster = {
      id: 'cluster-1',
      name: 'new',
      kind: 'simulated',
      stage: 'staging',
      state: 'ready',
      state_reason: null,
      nodes: [],
      gpus: [],
      needs_artifacts: false,
    }
    foundry.on('POST /clusters', json(201, cluster))
    expect((await bud('cluster', 'add', 'new', '--nodes', '2x8xH100-SXM-80GB, 1x4xL40S-48GB')).code).toBe(0)
    expect(JSON.parse(foundry.seen[0]?.body ?? '').nodes).toEqual([
      { count: 2, gpu_count: 8, gpu_type: 'H100-SXM-80GB' },
      { count: 1, gpu_count: 4, gpu_type: 'L40S-48GB' },
    ])
  })
})

describe('a deployment document', () => {
  const write = (text: string): string => {
    const file = join(home, 'deployment.yaml')
    writeFileSync(file, text)
    return file
  }

  test('with faults is refused with every fault and its line, before anything is sent', async () => {
    const file = write(`deployment:
  runtime: vllm
  replicas: 0
  config:
    tp: 4
  resources:
    gpu_type: H100-SXM-80GB
    gpu_count: 1
`)
    const { code, stderr } = await bud('deploy', '-f', file, '--model', 'x', '--cluster', 'demo')
    expect(code).toBe(2)
    expect(stderr).toMatch(/deployment\.replicas: .*\(line 3\)/)
    expect(stderr).toMatch(/deployment\.config\.tp: .*\(line 5\)/)
    expect(foundry.seen).toEqual([])
  })

  test.each([
    ['that is not there', '/no/such.yaml', 'There is no file /no/such.yaml.\n'],
    ['that is empty', '/dev/null', 'The file /dev/null is empty; it should hold the deployment document.\n'],
  ])('%s is named', async (_what, file, stderr) => {
    expect(await bud('deploy', '-f', file, '--model', 'x')).toEqual({ code: 2, stdout: '', stderr })
  })

  test('that is no YAML is refused with the line', async () => {
    const { code, stderr } = await bud('deploy', '-f', write('deployment:\n  runtime: [vllm\n'), '--model', 'x')
    expect(code).toBe(2)
    expect(stderr).toMatch(/line [23]/)
  })

  test('goes out as the guide writes it, with the workload asked for', async () => {
    const file = write(`deployment:
  runtime: vllm
  resources: { gpu_type: H100-SXM-80GB, gpu_count: 1 }
`)
    foundry.on(
      'POST /endpoints/validate',
      json(200, { ok: false, reasons: [{ code: 'x', message: 'No room.' }], warnings: [], prediction: null }),
    )
    const { code, stdout } = await bud(
      'deploy',
      '-f',
      file,
      '--model',
      'x',
      '--cluster',
      'demo',
      '--concurrency',
      '8',
      '--dry-run',
    )
    expect([code, stdout]).toEqual([2, expect.stringContaining('No room.')])
    expect(JSON.parse(foundry.seen[0]?.body ?? '')).toMatchObject({
      model: 'x',
      cluster: 'demo',
      deployment: { runtime: 'vllm', resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 } },
      workload: { concurrency: 8 },
    })
  })
})
