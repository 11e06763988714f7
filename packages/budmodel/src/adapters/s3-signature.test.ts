import { expect, it } from 'vitest'
import { encodePath, queryText, S3Signer } from './s3-signature.ts'

/** The key and the day of the examples in AWS’s description of signature version 4 for S3. */
const EXAMPLE = {
  region: 'us-east-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const request = { method: 'GET', host: 'examplebucket.s3.amazonaws.com', path: '/test.txt', query: {}, headers: {} }
const NOW = new Date('2013-05-24T00:00:00Z')

it('names what it signed, and sends the session token with it', () => {
  const sent = new S3Signer({ ...EXAMPLE, sessionToken: 'token' }).sign(
    { ...request, headers: { range: 'bytes=0-9' } },
    NOW,
  )
  expect(sent).toMatchObject({
    range: 'bytes=0-9',
    'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    'x-amz-date': '20130524T000000Z',
    'x-amz-security-token': 'token',
  })
  expect(sent.authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE\/20130524\/us-east-1\/s3\/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
  )
})

it('signs each day with that day’s key', () => {
  const signer = new S3Signer(EXAMPLE)
  const tomorrow = new Date('2013-05-25T00:00:00Z')
  signer.sign(request, NOW)
  expect(signer.sign(request, tomorrow)).toEqual(new S3Signer(EXAMPLE).sign(request, tomorrow))
  expect(signer.sign(request, NOW)).toEqual(new S3Signer(EXAMPLE).sign(request, NOW))
})

it('encodes as S3 does', () => {
  expect(encodePath("a b/é!'()*+~=&/模.bin")).toBe('a%20b/%C3%A9%21%27%28%29%2A%2B~%3D%26/%E6%A8%A1.bin')
  expect(queryText({ uploadId: 'a/b=', partNumber: '7' })).toBe('partNumber=7&uploadId=a%2Fb%3D')
})
