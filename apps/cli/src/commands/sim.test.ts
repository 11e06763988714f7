/** `bud sim` where no server is: tables, fits and searches on this machine; and what it sends where one is. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'
import { refusal, type ScriptedFoundry, startScriptedFoundry } from '../testing/scripted-foundry.ts'

let folder: string
let foundry: ScriptedFoundry
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'bud-sim-'))
  process.env.NO_COLOR = '1'
  foundry = await startScriptedFoundry()
})
afterAll(async () => {
  delete process.env.NO_COLOR
  await foundry.close()
  rmSync(folder, { recursive: true })
})

/** No Foundry is there to be asked. */
const bud = (...args: string[]) => runBud(...args, '--url', 'http://127.0.0.1:1', '--token', 'x')
const write = (name: string, text: string): string => {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const HEADER = 'row_id,engine,model,gpu,num_gpus,tp,precision,isl,osl,concurrency_or_batch,scenario'
const row = (id: string, concurrency = 8, more = ''): string =>
  `${id},vLLM,meta-llama/Llama-3.1-8B-Instruct,H100-SXM-80GB,1,1,bf16,1000,200,${concurrency},closed_loop_agg${more}`

describe('bud sim predict --in', () => {
  test('answers every row, good and bad, from standard input to standard output', () => {
    const input = `${HEADER},colour\n${row('a')},red\nb,vLLM,llama-9,H100-SXM-80GB,1,1,bf16,1,2,3,closed_loop_agg,\n`
    const main = join(import.meta.dirname, '../main.ts')
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'sim', 'predict', '--in', '-'], {
      input,
      encoding: 'utf8',
    })
    expect([status, stderr]).toEqual([
      0,
      'Not read: column colour.\n2 rows: 1 ok, 0 does-not-fit, 1 unsupported, 0 invalid.\n',
    ])
    const [header, first, second] = stdout.split('\n')
    expect(header).toMatch(/^row_id,ttft_ms,.*,status,reason$/)
    expect(first).toMatch(/^a,(\d+(\.\d+)?,){9}ok,$/)
    expect(second).toMatch(/^b,{10}unsupported,"?Line 3, column model: No model ""llama-9"" in the catalogue/)
  })

  test('writes a file whole, or leaves what was there', async () => {
    const out = write('out.csv', 'before')
    const good = write('rows.csv', `${HEADER}\n${row('a')}\n`)
    const bad = write('bad.csv', 'row_id,model\n1,x\n')
    const refused = await bud('sim', 'predict', '--in', bad, '--out', out)
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toMatch(/Column engine is missing.*Column scenario is missing/)
    expect(readFileSync(out, 'utf8')).toBe('before')
    const done = await bud('sim', 'predict', '--in', good, '--out', out, '--json')
    expect(JSON.parse(done.stdout)).toMatchObject({ rows: 1, statuses: { ok: 1, invalid: 0 } })
    expect(readFileSync(out, 'utf8')).toMatch(/\na,.*,ok,\n$/)
    expect(readdirSync(folder).filter((name) => name.includes('part'))).toEqual([])
  })

  test('with --observations is refined by measured rows, and says which say nothing', async () => {
    const rows = write('rows.csv', `${HEADER}\n${row('a', 16)}\n`)
    const slow = [8, 12, 24].map((concurrency) => row(`o${concurrency}`, concurrency, ',40'))
    const observed = write('observed.csv', `${HEADER},tpot_ms_mean\n${slow.join('\n')}\n${row('x', 8, ',')}\n`)
    const plain = await bud('sim', 'predict', '--in', rows)
    const refined = await bud('sim', 'predict', '--in', rows, '--observations', observed)
    const tpotOf = ({ stdout }: { stdout: string }) => Number(stdout.split('\n')[1]?.split(',')[4])
    expect(tpotOf(refined)).toBeGreaterThan(tpotOf(plain) * 1.2)
    expect(refined.stderr).toContain('3 measured rows refine the predictions; 1 were left out:')
    expect(refined.stderr).toContain('Line 5: nothing of it was measured.')
  })

  test.each([
    ['that is not there', '/no/such.csv', 'There is no file /no/such.csv.'],
    ['that is empty', '/dev/null', 'The table is empty: not even a first line that names its columns.'],
    ['that is a folder', '/tmp', 'The file /tmp cannot be read: EISDIR'],
  ])('refuses a file %s', async (_what, file, message) => {
    const { code, stderr } = await bud('sim', 'predict', '--in', file)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

test.each([
  [['--in', '/dev/null', '--model', 'x'], '--model does not go with --in'],
  [['--model', 'x', '-f', 'd.yaml', '--out', 'o.csv'], '--out goes with --in <rows>'],
])('bud sim predict %j is refused', async (args, message) => {
  expect(await bud('sim', 'predict', ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})

describe('bud sim fit', () => {
  test('draws the memory of the smallest layout that fits', async () => {
    const { code, stdout } = await bud(
      'sim',
      'fit',
      '--model',
      'meta-llama/Llama-3.1-70B-Instruct',
      '--gpu',
      'H100-SXM-80GB',
    )
    expect([code, stdout]).toEqual([0, expect.stringContaining('TP 4 × PP 1 (4 GPUs) with vllm\n✓ It fits.\n█')])
    expect(stdout).toContain('80 GB per GPU')
  })

  test('says by how many bytes it does not, and what would', async () => {
    const args = ['sim', 'fit', '--model', 'meta-llama/Llama-3.1-70B-Instruct', '--gpu', 'H100-SXM-80GB', '--tp', '2']
    const { code, stdout } = await bud(...args)
    expect(code).toBe(1)
    expect(stdout).toContain('need 74')
    expect(stdout).toContain('The smallest that fits: TP 4 × PP 1 (4 GPUs) with vllm.')
    expect((await bud(...args, '--precision', 'fp8')).code).toBe(0)
    const json = JSON.parse((await bud(...args, '--json')).stdout)
    expect(json).toMatchObject({
      fits: false,
      memory: { gpu_memory_bytes: 80e9 },
      smallest: { memory: { fits: true } },
    })
  })

  test('takes any config.json, alone or in its folder', async () => {
    const config = { model_type: 'llama', num_hidden_layers: 2, hidden_size: 256, num_attention_heads: 4 }
    const file = write('config.json', JSON.stringify({ ...config, intermediate_size: 512, vocab_size: 1000 }))
    for (const model of [file, folder]) {
      const { code, stdout } = await bud('sim', 'fit', '--model', model, '--gpu', 'L4-24GB')
      expect([code, stdout]).toEqual([0, expect.stringContaining('TP 1 × PP 1 (1 GPU)')])
    }
    writeFileSync(file, JSON.stringify({ ...config, hidden_size: 'wide' }))
    const { code, stderr } = await bud('sim', 'fit', '--model', file, '--gpu', 'L4-24GB')
    expect([code, stderr]).toEqual([2, expect.stringMatching(/hidden_size.*/)])
    rmSync(file)
  })

  test.each([
    [['--gpu', 'L4-24GB'], '--model is missing'],
    [['--model', 'meta-llama/Llama-3.1-8B'], '--gpu is missing'],
    [['--model', 'lama', '--gpu', 'L4-24GB'], 'No model "lama"'],
    [['--model', 'meta-llama/Llama-3.1-8B', '--gpu', 'H1000'], 'Did you mean'],
    [['--model', 'meta-llama/Llama-3.1-8B', '--gpu', 'l4', '--precision', 'fp3'], '--precision must be one of'],
    [['--model', 'meta-llama/Llama-3.1-8B', '--gpu', 'l4', '--tp', '0'], 'tensor_parallel_size'],
    [['--model', './no.json', '--gpu', 'l4'], 'There is no file'],
  ])('names what is wrong with %j', async (args, message) => {
    const { code, stderr } = await bud('sim', 'fit', ...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

describe('bud sim explain', () => {
  const model = ['--model', 'meta-llama/Llama-3.1-8B-Instruct']

  test('takes a prediction apart: a token, a first token, what binds', async () => {
    const { code, stdout } = await bud('sim', 'explain', ...model, '--gpu', 'H100-SXM-80GB', '--concurrency', '64')
    expect(code).toBe(0)
    expect(stdout).toContain('meta-llama/Llama-3.1-8B-Instruct on H100-SXM-80GB: 1 × TP 1 × PP 1 (1 GPU) with vllm')
    expect(stdout).toMatch(/A token every .*\n.*PART.*\nmatrix products +[\d.]+ ms +█/)
    expect(stdout).toMatch(/A first token after .*\n.*\nits prompt/)
    expect(stdout).toMatch(/What binds\n +\d+ %/)
    expect(stdout).toContain('Four of five measurements lie within')
  })

  test('reads the guide’s document, and says when it could not run', async () => {
    const document = { runtime: 'vllm', replicas: 2, resources: { gpu_type: 'nvidia-a100-80gb', gpu_count: 1 } }
    const file = write('d.yaml', JSON.stringify({ deployment: { ...document, config: { max_model_len: 10_000_000 } } }))
    const { code, stdout, stderr } = await bud('sim', 'explain', ...model, '-f', file)
    expect([code, stderr]).toEqual([0, expect.stringContaining('nvidia-a100-80gb is read as A100-SXM-80GB')])
    expect(stdout).toContain('It cannot run, but if it did:\n')
    const json = JSON.parse((await bud('sim', 'explain', ...model, '-f', file, '--json')).stdout)
    expect(json).toMatchObject({
      deployment: document,
      explanation: { binds: expect.any(Array) },
      prediction: { gpus: 2 },
    })
  })
})

describe('bud sim optimize on GPUs that are stated', () => {
  const request = { model: 'meta-llama/Llama-3.1-8B-Instruct', gpus: { 'H100-SXM-80GB': 8 } }

  test('finds the cheapest that holds the limits, with trade-offs and the smaller sibling', async () => {
    const place = ['--model', 'meta-llama/Llama-3.1-70B-Instruct', '--gpus', '8xH100-SXM-80GB,1x4xL40S-48GB']
    const { code, stdout } = await bud(
      'sim',
      'optimize',
      ...place,
      '--preset',
      'chat',
      '--request-rate',
      '2',
      '--ttft-ms',
      '2000',
    )
    expect(code).toBe(0)
    expect(stdout).toContain('meta-llama/Llama-3.1-70B-Instruct on 8 × H100-SXM-80GB + 4 × L40S-48GB:')
    expect(stdout).toContain('Lowest cost that holds every limit:')
    expect(stdout).toMatch(/┤ .*★/)
    expect(stdout).toContain('Start smaller? meta-llama/Llama-3.1-8B-Instruct')
    expect(stdout).toContain('Turned down:')
  })

  test('reads the request from a file, flags over it, a trace beside it', async () => {
    write('trace.jsonl', '{"isl": 500, "osl": 50, "arrival_s": 0}\n{"isl": 700, "osl": 70, "arrival_s": 2}\noops\n')
    const workload = { trace: 'trace.jsonl', output_tokens: 100 }
    const file = write('request.json', JSON.stringify({ ...request, workload, targets: { ttft_ms: 1000 } }))
    const { code, stdout } = await bud('sim', 'optimize', '--request', file, '--json', '--concurrency', '4')
    expect(code).toBe(0)
    expect((await bud('sim', 'optimize', '--request', file)).stderr).toContain(
      'trace.jsonl: 2 requests in 2 s, 600 tokens in and 60 out on average, 0 % of prompts seen before. 1 lines were left out:\n  Line 3: it is not JSON.',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      model: { name: 'meta-llama/Llama-3.1-8B-Instruct' },
      workload: { input_tokens: 600, output_tokens: 100, concurrency: 4 },
      targets: { ttft_ms: 1000 },
      feasible: true,
      candidates: expect.arrayContaining([expect.objectContaining({ why: expect.any(String) })]),
      pareto: expect.any(Array),
      rejected: expect.any(Array),
    })
    expect(JSON.parse(stdout).workload.request_rate_per_s).toBeUndefined()
  })

  test('says with exit code 1 that nothing holds, and what is nearest', async () => {
    const { code, stdout } = await bud(
      'sim',
      'optimize',
      '--model',
      request.model,
      '--gpus',
      '1xT4-16GB',
      '--ttft-ms',
      '1',
    )
    expect(code).toBe(1)
    expect(stdout).toMatch(/Nothing holds these targets|No configuration can serve this/)
  })

  test('lists everything wrong with a request', async () => {
    const file = write(
      'bad.json',
      JSON.stringify({ ...request, targets: { ttft_ms: -1 }, objective: 'beauty', more: 1 }),
    )
    const { code, stderr } = await bud('sim', 'optimize', '--request', file)
    expect(code).toBe(2)
    for (const path of ['targets.ttft_ms', 'objective', 'more']) expect(stderr).toContain(path)
    const contradictory = write('no.json', JSON.stringify({ ...request, targets: { ttft_ms: 500, e2e_ms: 100 } }))
    expect((await bud('sim', 'optimize', '--request', contradictory)).stderr).toContain('cannot be limited to')
  })

  test.each([
    [['--request', '/no/such.json'], 'There is no file'],
    [['--request', '/dev/null'], 'is not JSON'],
    [['--gpus', '8xH100-SXM-80GB'], 'model'],
    [['--gpus', 'H100', '--model', 'x'], '--gpus: "H100" is not <GPUs>x<type>'],
    [['--gpus', '8xH100-SXM-80GB', '--cluster', 'demo'], 'give one of them'],
    [['--gpus', '8xH100-SXM-80GB', '--model', request.model, '--preset', 'chatt'], 'workload.preset'],
    [['--gpus', '8xH100-SXM-80GB', '--model', request.model, '--trace', '/dev/null'], 'The trace holds no request'],
  ])('refuses %j', async (args, message) => {
    const { code, stderr } = await bud('sim', 'optimize', ...args)
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

test('a search on a cluster goes to the Foundry, with the load that a preset stands for', async () => {
  foundry.on('POST /optimizations', refusal(404, 'NOT_FOUND', 'No cluster.'))
  const args = ['--model', 'm', '--cluster', 'demo', '--preset', 'rag', '--concurrency', '4', '--confidence', '0.9']
  await runBud('sim', 'optimize', ...args, '--url', foundry.url, '--token', 'x')
  expect(JSON.parse(foundry.seen[0]?.body ?? '')).toMatchObject({
    model: 'm',
    cluster: 'demo',
    confidence: 0.9,
    workload: { input_tokens: 4096, input_tokens_cv: 0.5, prefix_cache_share: 0.1, concurrency: 4 },
  })
})
