import type { Connection } from '@bud/contract'
import { expect, test } from 'vitest'
import { reachedBy, secretText, whereText } from './connection-row.ts'

const bucket: Connection = {
  name: 'team',
  kind: 's3',
  bucket: 'models-team',
  endpoint: null,
  region: 'eu-west-1',
  path_style: true,
  access_key_id: 'AKIA',
  has_secret: true,
  created_by: 'Ada',
  created_at: '2026-05-04T12:00:00.000Z',
}

test('a connection says what uses it, where it is, and never its secret', () => {
  expect(reachedBy(bucket)).toBe('s3://models-team/')
  expect(whereText(bucket)).toBe('AWS, eu-west-1')
  expect(whereText({ ...bucket, endpoint: 'http://minio:9000', path_style: false })).toBe(
    'http://minio:9000, eu-west-1, bucket in the host name',
  )
  expect(secretText(bucket)).toBe('AKIA, secret stored')
  expect(secretText({ ...bucket, kind: 'huggingface', has_secret: false })).toBe('no token')
})
