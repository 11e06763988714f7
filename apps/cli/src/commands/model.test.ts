/** What the registry's verbs ask of a Foundry, and what people read of its answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'
import { detailOf, findingOf, reportOf, summaryOf, versionOf } from '../testing/sample-models.ts'
import { json, type ScriptedFoundry, startScriptedFoundry } from '../testing/scripted-foundry.ts'

let foundry: ScriptedFoundry
let folder: string
beforeAll(async () => {
  process.env.NO_COLOR = '1'
  folder = mkdtempSync(join(tmpdir(), 'bud-model-'))
  foundry = await startScriptedFoundry()
})
afterAll(async () => {
  delete process.env.NO_COLOR
  rmSync(folder, { recursive: true })
  await foundry.close()
})
beforeEach(() => {
  foundry.seen.length = 0
})
const bud = (...args: string[]) => runBud('model', ...args, '--url', foundry.url, '--token', 'x')
const sent = () => JSON.parse(foundry.seen.at(-1)?.body ?? '')

describe('bud model list', () => {
  test('asks for what its options say', async () => {
    foundry.on('GET /models', json(200, { items: [], next_cursor: null, total: 0, facets: null }))
    const line =
      '--search coder --origin catalogue --kind model --size 7b,13b --architecture qwen --context-min 32768 --licence MIT --licence-class permissive --modality text --state available --tag moe --fits-cluster demo --gpu H100 --min-tok-s 1000 --max-ttft-ms 500 --benchmark mmlu --score-min 70 --parameters-min 3e9 --active-max 1e10 --sort speed --facets --limit 20'
    expect((await bud('list', ...line.split(' '))).stdout).toBe('No model matches "coder".\n')
    expect(foundry.seen[0]?.query).toEqual({
      search: 'coder',
      origin: 'catalogue',
      kind: 'model',
      size: '7b,13b',
      architecture: 'qwen',
      context_min: '32768',
      licence: 'MIT',
      licence_class: 'permissive',
      modality: 'text',
      state: 'available',
      tag: 'moe',
      fits_cluster: 'demo',
      measured_gpu: 'H100',
      output_tok_s_per_gpu_min: '1000',
      ttft_ms_max: '500',
      benchmark: 'mmlu',
      score_min: '70',
      parameters_min: '3000000000',
      active_parameters_max: '10000000000',
      sort: 'speed',
      facets: 'true',
      limit: '20',
    })
  })

  test('names what it does not know, before it asks', async () => {
    for (const [option, value] of [
      ['--sort', 'fast'],
      ['--origin', 'there'],
      ['--limit', '500'],
      ['--min-tok-s', 'many'],
    ] as const) {
      const { code, stderr } = await bud('list', option, value)
      expect([code, stderr]).toEqual([2, expect.stringContaining(value)])
    }
    expect(foundry.seen).toEqual([])
  })

  test('shows version, size, licence, speed and state, the counts, and how to see more', async () => {
    const items = [
      summaryOf('ranker', { version: 3, aliases: ['production'], licence: null }),
      summaryOf('moe', {
        origin: 'catalogue',
        version: null,
        active_parameter_count: 1e9,
        licence: { id: 'gemma', name: 'Gemma', class: 'conditional' },
        measured: { gpu: 'H100', gpu_count: 1, output_tok_s_per_gpu: 1234.5 },
      }),
    ]
    const none = { architecture: [], size: [], licence: [], licence_class: [], modality: [], kind: [], state: [] }
    const facets = { ...none, tag: [], benchmark: [], measured_gpu: [], origin: [{ value: 'catalogue', count: 75 }] }
    foundry.on('GET /models', json(200, { items, next_cursor: 'c', total: 76, facets }))
    const { stdout } = await bud('list', '--facets')
    expect(stdout).toMatch(/ranker +@3 production +8 B +llama +8192 +– +– +available/)
    expect(stdout).toMatch(/moe +– +8 B \(1 B active\) +llama +8192 +gemma \(conditional\) +1235 on H100 +catalogue/)
    expect(stdout).toContain('… 2 of 76; narrow it with filters, or take --all.\n\norigin: catalogue 75\n')
  })

  test('follows the cursor with --all', async () => {
    foundry.on('GET /models', (request, response) => {
      const { cursor } = request.query
      const page = { items: [summaryOf(`m${cursor ?? 0}`)], total: 3, facets: null }
      json(200, { ...page, next_cursor: cursor === '2' ? null : String(Number(cursor ?? 0) + 1) })(request, response)
    })
    const { stdout } = await bud('list', '--all', '--json')
    const { items, next_cursor } = JSON.parse(stdout)
    expect([items.map(({ name }: { name: string }) => name), next_cursor]).toEqual([['m0', 'm1', 'm2'], null])
  })
})

describe('one model', () => {
  test('is shown with what matters: reasons, conflicts, licence, findings, versions, figures', async () => {
    const detail = detailOf('ranker', {
      description: 'Ranks.',
      tags: ['team:x'],
      aliases: ['production'],
      lineage: [{ relation: 'adapter-of', name: 'base', model_id: null, source: 'adapter_config.json' }],
      conflicts: [{ field: 'parameter_count', claimed: '7', found: '8', message: '7 were claimed; it has 8.' }],
      scan: reportOf({ verdict: 'clean', findings: [findingOf({ action: 'waived', waiver: 'known' })] }),
      licence_detail: {
        id: 'gemma',
        name: 'Gemma',
        class: 'conditional',
        conditions: [{ kind: 'use', text: 'Some uses are forbidden.' }],
        url: null,
        source: 'inherited',
        evidence: 'license: gemma',
        from: 'base',
      },
      licence_verdicts: [
        { stage: 'production', action: 'warn', reasons: [{ code: 'x', message: 'It sets conditions. Some uses.' }] },
      ],
      versions: [versionOf(2), versionOf(1, { aliases: ['production'] })],
      benchmarks: [
        { benchmark: 'mmlu', metric: 'acc', score: 71.5, source: 'card', recorded_by: null, recorded_at: null },
      ],
      fits: [
        { cluster_id: 'c', cluster_name: 'demo', fits: true, fits_now: false, gpu_type: 'L40S', gpu_count: 2 },
        { cluster_id: 'd', cluster_name: 'edge', fits: false, fits_now: false, gpu_type: null, gpu_count: null },
      ],
    })
    foundry.on('GET /models/ranker%40production', json(200, detail))
    const { code, stdout } = await bud('get', 'ranker@production')
    expect(code).toBe(0)
    for (const told of [
      'ranker@1  production  #team:x\nRanks.\n',
      '7 were claimed; it has 8.',
      'waived: x.pkl names os.system.',
      'Licence: Gemma, by inherited from base: "license: gemma"\n  • Some uses are forbidden.\n  warns production: It sets conditions.\n',
    ])
      expect(stdout).toContain(told)
    expect(stdout).toMatch(/made from +base \(adapter-of\)/)
    expect(stdout).toMatch(/fits on +demo \(2 × L40S, not now\), not edge/)
    expect(stdout).toMatch(/@1 +production +available/)
    expect(stdout).toMatch(/mmlu +acc +71\.5 +card/)
  })

  test('that cannot be deployed ends with exit code 1, and says why once', async () => {
    const state = {
      name: 'quarantined' as const,
      since: '2026-01-01T00:00:00.000Z',
      reasons: [{ code: 'pickle-global', message: 'x.pkl names os.system.', path: 'x.pkl' }],
    }
    const scan = reportOf({ verdict: 'blocked', findings: [findingOf()] })
    foundry.on('GET /models/bad', json(200, detailOf('bad', { state, scan })))
    const { code, stdout } = await bud('get', 'bad')
    expect([code, stdout.split('x.pkl names os.system.').length]).toEqual([1, 2])
  })

  test('is compared with others; what differs is marked', async () => {
    const pair = [
      detailOf('a', { benchmarks: [], digest: 'a'.repeat(64) }),
      detailOf('b', {
        context_length: 4096,
        benchmarks: [
          { benchmark: 'mmlu', metric: null, score: 70, source: 'card', recorded_by: null, recorded_at: null },
        ],
      }),
    ]
    foundry.on('GET /model-comparison', json(200, pair))
    const { stdout } = await bud('compare', 'a', 'b')
    expect(foundry.seen[0]?.query).toEqual({ models: 'a,b' })
    expect(stdout).toMatch(/^ +a@1 +b@1\n {2}architecture +llama +llama\n/)
    expect(stdout).toMatch(/\n\* context +8192 +4096\n/)
    expect(stdout).toMatch(/\n\* mmlu +– +70\n/)
    expect(stdout).toMatch(/\n3 of \d+ rows differ \(\*\)\.\n$/)
    expect((await bud('compare', 'a')).code).toBe(2)
    expect((await bud('compare', 'a', 'b', 'c', 'd', 'e')).code).toBe(2)
  })
})

describe('bud model report', () => {
  const files = [
    { path: 'x.pkl', bytes: 400, sha256: 'a', format: 'pickle', scanned: [{ scanner: 'formats', bytes_covered: 400 }] },
    { path: 'y.bin', bytes: 600, sha256: 'b', format: null, scanned: [{ scanner: 'formats', bytes_covered: 100 }] },
  ]

  test('lists findings by what they lead to, and what each scanner looked at', async () => {
    const findings = [
      findingOf(),
      findingOf({ action: 'waived', waiver: 'known', path: 'z.pkl' }),
      findingOf({ action: 'block', severity: 'warn', rule: 'script', message: 'A script.', evidence: null }),
    ]
    const scan = reportOf({ verdict: 'blocked', findings, bytes_covered: 400 })
    foundry.on('GET /models/bad', json(200, detailOf('bad', { scan })))
    foundry.on('GET /models/bad%401/files', (request, response) =>
      request.query.cursor === undefined
        ? json(200, { items: files.slice(0, 1), next_cursor: 'n' })(request, response)
        : json(200, { items: files.slice(1), next_cursor: null })(request, response),
    )
    const { code, stdout } = await bud('report', 'bad')
    expect(code).toBe(1)
    expect(stdout).toContain('bad@1: blocked\n2 files, 1 kB; 40 % looked at by every scanner; policy abc.\n')
    expect(stdout).toMatch(/formats +2 +50 % \(500 B\)\nclamd +ClamAV 1\.4 +0 % \(0 B\)/)
    expect(stdout).toContain(
      'Blocked (2)\n  • x.pkl at byte 12: x.pkl names os.system. [formats/pickle-global]\n    evidence: os.system\n',
    )
    expect(stdout).toContain('A script. [formats/script, warn as the scanner has it]\n')
    expect(stdout).toContain('    waived by: known\n')
    expect(stdout).toContain('Not looked at completely (1)\n  • y.bin, 600 B\n')
  })

  test('ends with 0 only when it is clean, and with 1 when there is none', async () => {
    foundry.on('GET /models/ok', json(200, detailOf('ok', { scan: reportOf() })))
    foundry.on('GET /models/ok%401/files', json(200, { items: [], next_cursor: null }))
    expect((await bud('report', 'ok')).code).toBe(0)
    foundry.on('GET /models/new', json(200, detailOf('new')))
    const { code, stderr } = await bud('report', 'new')
    expect([code, stderr]).toEqual([1, 'new@1 has no scan report yet; it is available.\n'])
  })
})

describe('versions', () => {
  test('are added, pointed at, and shown', async () => {
    foundry.on('POST /models/a/versions', json(202, { id: 'model-a', operation_id: 'op-1' }))
    const add = await bud('add-version', 'a', 'hf://org/a@main', '--licence', 'MIT', '--no-wait')
    expect([add.code, sent()]).toEqual([0, { source_path: 'hf://org/a@main', licence: 'MIT' }])
    const pointed = detailOf('a', { versions: [versionOf(2, { aliases: ['staging'] }), versionOf(1)] })
    foundry.on('PUT /models/a/aliases/staging', json(200, pointed))
    const alias = await bud('alias', 'a', 'staging', '@2')
    expect([sent(), alias.stdout]).toEqual([{ version: 2 }, expect.stringMatching(/@2 +staging +available/)])
    expect((await bud('alias', 'a', 'canary', '2')).code).toBe(2)
    expect((await bud('alias', 'a', 'staging', 'newest')).code).toBe(2)
  })

  test('are archived and restored by their number, never the whole model by mistake', async () => {
    for (const verb of ['archive', 'restore']) {
      foundry.on(`POST /models/a%402/${verb}`, json(200, detailOf('a', { version: 2 })))
      expect((await bud(verb, 'a@2')).code).toBe(0)
      expect((await bud(verb, 'a')).stderr).toBe(
        `Say which version: bud model ${verb} name@3. "a" is the whole model.\n`,
      )
    }
  })

  test('are deleted one by one, or with the model', async () => {
    foundry.on('DELETE /models/a/versions/2', json(200, {}))
    foundry.on('DELETE /models/a/versions/5', json(200, {}))
    foundry.on('DELETE /models/a', json(200, {}))
    foundry.on('GET /models/a%40staging', json(200, detailOf('a', { version: 5 })))
    for (const reference of ['a@2', 'a@staging', 'a'])
      expect((await bud('delete', reference)).stdout).toBe(`Deleted ${reference}.\n`)
    const deleted = foundry.seen.filter(({ method }) => method === 'DELETE').map(({ path }) => path)
    expect(deleted).toEqual(['/models/a/versions/2', '/models/a/versions/5', '/models/a'])
  })

  test('a version that was waited for is the one shown, though another is in production', async () => {
    const ended = { id: 'op-2', kind: 'import-and-scan', state: 'succeeded', reasons: [], steps: [] }
    const operation = {
      ...ended,
      subject_id: 'model-a',
      created_by: 'Ada',
      created_at: '2026-01-01T00:00:00.000Z',
      ended_at: '2026-01-01T00:00:01.000Z',
    }
    foundry.on('POST /models/a/versions', json(202, { id: 'model-a', operation_id: 'op-2' }))
    foundry.on('GET /operations/op-2/events', (_request, response) =>
      response
        .writeHead(200, { 'content-type': 'text/event-stream' })
        .end(`event: message\ndata: ${JSON.stringify(operation)}\n\nevent: done\n\n`),
    )
    const versions = [versionOf(2), versionOf(1)]
    foundry.on('GET /models/model-a', json(200, detailOf('a', { versions, operation_id: 'op-1' })))
    foundry.on('GET /models/a%402', json(200, detailOf('a', { version: 2, versions, operation_id: 'op-2' })))
    expect((await bud('add-version', 'a', 's3://models/a')).stdout).toMatch(/^a@2\n/)
  })
})

describe('care', () => {
  test('tags are added and removed beside those that stay', async () => {
    foundry.on('GET /models/a', json(200, detailOf('a', { tags: ['trial', 'moe'] })))
    foundry.on('PATCH /models/a', json(200, detailOf('a', { tags: ['moe', 'team:x'] })))
    const { stdout } = await bud('tag', 'a', '--add', 'team:x, moe', '--remove', 'trial')
    expect([sent(), stdout]).toEqual([{ tags: ['moe', 'team:x'] }, 'a: moe, team:x\n'])
    expect((await bud('tag', 'a')).code).toBe(2)
  })

  test('a description is set, and taken away by an empty one', async () => {
    foundry.on('PATCH /models/a', json(200, detailOf('a')))
    await bud('describe', 'a', 'Ranks.')
    expect(sent()).toEqual({ description: 'Ranks.' })
    await bud('describe', 'a', '')
    expect(sent()).toEqual({ description: null })
  })

  test('scores are imported from CSV and JSON, and from nothing else', async () => {
    const file = join(folder, 'scores.CSV')
    writeFileSync(file, 'model,benchmark,score\na,mmlu,70\n')
    foundry.on('POST /benchmarks', json(200, { imported: 1, models: 1 }))
    expect((await bud('benchmarks', 'import', file)).stdout).toBe('Imported: 1 scores, 1 models.\n')
    expect(sent()).toEqual({ format: 'csv', content: 'model,benchmark,score\na,mmlu,70\n' })
    expect((await bud('benchmarks', 'import', 'scores.txt')).code).toBe(2)
    expect((await bud('benchmarks', 'import', '/no/such.json')).stderr).toBe('There is no file /no/such.json.\n')
  })

  test('a sweep removes nothing unless it is told to', async () => {
    const orphan = { prefix: 'models/x', files: 2, bytes: 2000 }
    foundry.on('POST /artifact-sweep', (request, response) => {
      const removed = !JSON.parse(request.body).dry_run
      json(200, { orphans: [{ ...orphan, removed }] })(request, response)
    })
    expect((await bud('sweep')).stdout).toMatch(/models\/x +2 +2 kB +left\n".*model sweep --remove" removes them/)
    expect((await bud('sweep', '--remove')).stdout).toMatch(/models\/x +2 +2 kB +removed\n$/)
  })
})
