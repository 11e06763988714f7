import { expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'

test('a demo without a Foundry says so at once, like every verb, and tries nothing more', async () => {
  const { code, stdout, stderr } = await runBud('demo', '--url', 'http://127.0.0.1:1', '--token', 'x')
  expect([code, stdout]).toEqual([3, ''])
  expect(stderr).toMatch(/No Foundry answers at http:\/\/127\.0\.0\.1:1\./)
  expect(stderr).not.toContain('Clean up')
})
