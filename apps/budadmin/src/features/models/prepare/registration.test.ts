import { expect, test } from 'vitest'
import { emptyRegistration, parseRegistration, type RegistrationForm, suggestedName } from './registration.ts'

const pathOf = (form: Partial<RegistrationForm>) => {
  const parsed = parseRegistration({ ...emptyRegistration, name: 'm', ...form })
  return parsed.ok && parsed.registration.source.kind === 'path' ? parsed.registration.source.sourcePath : parsed
}

test('every problem is said at once', () => {
  const parsed = parseRegistration({ ...emptyRegistration, name: '-bad name', from: 's3', s3Path: 'models/x' })
  expect(parsed).toMatchObject({ ok: false, problems: { name: expect.any(String), source: expect.any(String) } })
})

test('the guide’s registration is sent as the guide writes it', () => {
  const parsed = parseRegistration({
    ...emptyRegistration,
    name: 'my-custom-model',
    from: 's3',
    s3Path: 's3://models/my-custom-model',
    architecture: 'llama',
    parameterCount: 7_000_000_000,
    contextLength: 8192,
  })
  expect(parsed).toEqual({
    ok: true,
    registration: {
      name: 'my-custom-model',
      source: { kind: 'path', sourcePath: 's3://models/my-custom-model' },
      claims: { architecture: 'llama', parameter_count: 7_000_000_000, context_length: 8192 },
    },
  })
})

test('a hub’s model is taken by id, by address, and at a revision', () => {
  expect(pathOf({ from: 'hub', repository: 'org/name' })).toBe('hf://org/name')
  expect(pathOf({ from: 'hub', repository: 'https://huggingface.co/org/name/', revision: 'v1' })).toBe(
    'hf://org/name@v1',
  )
  expect(pathOf({ from: 'hub', repository: 'hf://org/name@abc' })).toBe('hf://org/name@abc')
  expect(pathOf({ from: 'hub', repository: 'name' })).toMatchObject({ ok: false })
  expect(pathOf({ from: 'hub', repository: 'org/name', revision: 'a b' })).toMatchObject({ ok: false })
})

test('a folder of the server is a whole path', () => {
  expect(pathOf({ from: 'folder', serverFolder: '/srv/models/tiny' })).toBe('file:///srv/models/tiny')
  expect(pathOf({ from: 'folder', serverFolder: 'file:///srv/tiny' })).toBe('file:///srv/tiny')
  expect(pathOf({ from: 'folder', serverFolder: 'tiny' })).toMatchObject({ ok: false })
})

test('what was left empty is not claimed', () => {
  const parsed = parseRegistration({ ...emptyRegistration, name: 'm', from: 's3', s3Path: 's3://models/m' })
  expect(parsed).toMatchObject({ ok: true, registration: { claims: {} } })
})

test('a source suggests a name', () => {
  const name = (form: Partial<RegistrationForm>) => suggestedName({ ...emptyRegistration, ...form })
  expect(name({ from: 'hub', repository: 'org/name@main' })).toBe('org/name')
  expect(name({ from: 's3', s3Path: 's3://models/tiny/' })).toBe('tiny')
  expect(name({ from: 'folder', serverFolder: '/srv/my model' })).toBe('my-model')
  expect(name({})).toBe('')
})
