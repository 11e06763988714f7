import { Deployment } from '@bud/kernel'
import { expect, test } from 'vitest'
import { changesBetween } from './changes.ts'

const deployment = (config: object, replicas = 1) =>
  Deployment.parse({ runtime: 'vllm', config, replicas, resources: { gpu_type: 'H100-SXM-80GB', gpu_count: 1 } })

test('names each field that changes, from and to', () => {
  expect(changesBetween(deployment({ max_num_seqs: 256 }), deployment({ max_num_seqs: 128 }, 3))).toEqual([
    { path: 'config.max_num_seqs', from: '256', to: '128' },
    { path: 'replicas', from: '1', to: '3' },
  ])
})

test('a field that one side leaves out is the default there', () => {
  expect(changesBetween(deployment({ max_model_len: 8192 }), deployment({}))).toEqual([
    { path: 'config.max_model_len', from: '8192', to: 'default' },
  ])
})

test('equal configurations change nothing', () => {
  expect(changesBetween(deployment({}), deployment({}))).toEqual([])
})
