/** What clamd's answers to INSTREAM mean. Only "OK" and a signature's name say that the bytes were looked at. */

export type ClamdAnswer =
  | { kind: 'clean' }
  | { kind: 'found'; signature: string }
  /** `limit`: clamd says that it did not look. `unavailable`: it said nothing that can be relied on. */
  | { kind: 'not-looked-at'; cause: 'limit' | 'unavailable'; reason: string }

/** Alerts that stand for bytes clamd skipped, not for something it knows. */
const SKIPPED = /^Heuristics\.(Limits\.Exceeded|Encrypted)\b/
const MAX_QUOTED = 200

export function parseClamdReply(reply: string): ClamdAnswer {
  if (reply === 'stream: OK') return { kind: 'clean' }
  const [, name] = /^stream: (\S.*) FOUND$/s.exec(reply) ?? []
  if (name !== undefined) {
    // With ExtendedDetectionInfo the name is followed by "(md5:size)".
    const signature = readable(name.replace(/\([0-9a-f]{32}:\d+\)$/, ''))
    return SKIPPED.test(signature)
      ? { kind: 'not-looked-at', cause: 'limit', reason: `clamd skipped something in it (${signature})` }
      : { kind: 'found', signature }
  }
  if (/^INSTREAM size limit exceeded\b/.test(reply)) {
    return { kind: 'not-looked-at', cause: 'limit', reason: "it is longer than clamd's StreamMaxLength" }
  }
  return { kind: 'not-looked-at', cause: 'unavailable', reason: `clamd answered "${readable(reply)}"` }
}

/** Text of another program, fit for a report. */
export const readable = (text: string): string => text.replace(/[^\x20-\x7e]+/g, '?').slice(0, MAX_QUOTED)
