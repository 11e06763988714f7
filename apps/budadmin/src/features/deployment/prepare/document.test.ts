import { expect, test } from 'vitest'
import { getField, guideDocument, parseDeployment, setField, toYaml } from './document.ts'

test('the guide’s document is read as it stands', () => {
  const parsed = parseDeployment(guideDocument)
  expect(parsed).toMatchObject({
    ok: true,
    deployment: { runtime: 'vllm', replicas: 2, resources: { gpu_type: 'nvidia-a100-80gb', gpu_count: 4 } },
  })
})

test('a document survives the way to YAML and back', () => {
  const parsed = parseDeployment(guideDocument)
  if (!parsed.ok) throw new Error('the guide’s document must parse')
  expect(parseDeployment(toYaml(parsed.deployment))).toEqual(parsed)
})

test('the outer key may be left out', () => {
  const bare = 'runtime: sglang\nresources: {gpu_type: H100-SXM-80GB, gpu_count: 1}\n'
  expect(parseDeployment(bare)).toMatchObject({ ok: true, deployment: { runtime: 'sglang', replicas: 1 } })
  expect(getField(bare, ['runtime'])).toBe('sglang')
})

test('every problem is listed with its path, unknown fields one by one', () => {
  const text = guideDocument
    .replace('runtime: vllm', 'runtime: vlm')
    .replace('    max_num_seqs: 256', '    max_num_seq: 256\n    tp: 4')
  const parsed = parseDeployment(text)
  expect(parsed.ok ? [] : parsed.reasons.map((reason) => reason.path)).toEqual([
    'deployment.runtime',
    'deployment.config.max_num_seq',
    'deployment.config.tp',
  ])
})

test('broken YAML says in which line', () => {
  const parsed = parseDeployment('deployment:\n  runtime: [vllm\n')
  expect(parsed).toMatchObject({
    ok: false,
    reasons: [{ code: 'malformed-yaml', path: expect.stringMatching(/^line \d/) }],
  })
})

test('nothing at all asks for a document', () => {
  expect(parseDeployment('  \n')).toMatchObject({ ok: false, reasons: [{ code: 'no-document' }] })
})

test('the form edits the text in place: comments and order stay', () => {
  const text = guideDocument.replace('  replicas: 2', '  replicas: 2 # two zones')
  const edited = setField(text, ['replicas'], 3)
  expect(edited).toBe(text.replace('replicas: 2', 'replicas: 3'))
})

test('an emptied field leaves the document', () => {
  expect(setField(guideDocument, ['config', 'max_model_len'], undefined)).not.toContain('max_model_len')
})

test('a form on text that cannot be read changes nothing', () => {
  expect(setField('a: [', ['replicas'], 3)).toBe('a: [')
})
