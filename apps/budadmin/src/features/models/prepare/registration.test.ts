import { expect, test } from 'vitest'
import { emptyRegistration, parseRegistration } from './registration.ts'

test('every problem is said at once', () => {
  const parsed = parseRegistration({ ...emptyRegistration, name: '-bad name', from: 'path', sourcePath: 'models/x' })
  expect(parsed).toMatchObject({ ok: false, problems: { name: expect.any(String), source: expect.any(String) } })
})

test('the guide’s registration is sent as the guide writes it', () => {
  const parsed = parseRegistration({
    ...emptyRegistration,
    name: 'my-custom-model',
    from: 'path',
    sourcePath: 's3://models/my-custom-model',
    architecture: 'llama',
    parameterCount: 7_000_000_000,
    contextLength: 8192,
  })
  expect(parsed).toEqual({
    ok: true,
    registration: {
      source: { kind: 'path', sourcePath: 's3://models/my-custom-model' },
      claims: {
        name: 'my-custom-model',
        architecture: 'llama',
        parameter_count: 7_000_000_000,
        context_length: 8192,
      },
    },
  })
})

test('what was left empty is not claimed', () => {
  const parsed = parseRegistration({ ...emptyRegistration, name: 'm', from: 'path', sourcePath: 's3://models/m' })
  expect(parsed).toMatchObject({ ok: true, registration: { claims: { name: 'm' } } })
})
