/** Tries a connection as its sources would use it: a bucket is listed, a hub is asked who the token belongs to. */
import { type Clock, systemClock } from '@bud/kernel'
import type { ConnectionProbe } from '../ports.ts'
import { HuggingFaceHttp } from './hugging-face-http.ts'
import { S3Bucket } from './s3-client.ts'
import { probeObjects } from './s3-listing.ts'

const PATIENCE_MS = 5000
/** Any public repository's listing proves that a hub speaks the API where there is no token to ask about. */
const ANY_MODEL = '/api/models?limit=1'
const WHO_AM_I = '/api/whoami-v2'

export function createConnectionProbe({ clock = systemClock }: { clock?: Clock } = {}): ConnectionProbe {
  return {
    async check(connection) {
      if (connection.kind === 's3') {
        await probeObjects(new S3Bucket(connection), '')
        return
      }
      const http = new HuggingFaceHttp(connection, clock)
      const path = http.hasToken ? WHO_AM_I : ANY_MODEL
      const { endpoint, hasToken } = http
      const question = { endpoint, hasToken, repository: undefined, revision: undefined, path }
      const answer = await http.get(path, { question, patienceMs: PATIENCE_MS })
      await answer.body.dump()
    },
  }
}
