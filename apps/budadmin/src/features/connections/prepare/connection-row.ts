/** A connection in words. */
import type { Connection } from '@bud/contract'

/** What source paths begin with to use it. */
export const reachedBy = ({ kind, bucket }: Connection): string => (kind === 's3' ? `s3://${bucket ?? ''}/` : 'hf://')

export function whereText({ kind, endpoint, region, path_style }: Connection): string {
  if (kind === 'huggingface') return endpoint ?? 'huggingface.co'
  const style = path_style === false ? 'bucket in the host name' : 'bucket in the path'
  return [endpoint ?? 'AWS', region, endpoint ? style : undefined].filter(Boolean).join(', ')
}

export function secretText({ kind, access_key_id, has_secret }: Connection): string {
  if (kind === 'huggingface') return has_secret ? 'token stored' : 'no token'
  return has_secret ? `${access_key_id ?? ''}, secret stored` : 'no secret'
}
