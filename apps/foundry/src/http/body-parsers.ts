/** Bodies of the API: JSON and YAML, also when curl calls them form-urlencoded as it does by default. */
import { BudError } from '@bud/kernel'
import type { FastifyInstance } from 'fastify'
import { LineCounter, parseDocument } from 'yaml'

const BODY_LIMIT_BYTES = 2 * 2 ** 20

export function addBodyParsers(server: FastifyInstance): void {
  server.removeAllContentTypeParsers()
  const options = { parseAs: 'string', bodyLimit: BODY_LIMIT_BYTES } as const
  server.addContentTypeParser(
    ['application/json', 'application/x-www-form-urlencoded'],
    options,
    (_request, body, done) => parseWith(String(body), JSON.parse, 'JSON', done),
  )
  server.addContentTypeParser(
    ['application/yaml', 'application/x-yaml', 'text/yaml'],
    options,
    (_request, body, done) => parseWith(String(body), parseYaml, 'YAML', done),
  )
}

/** The parser's own pretty errors take quadratic time, so the place is looked up for the first one alone. */
function parseYaml(text: string): unknown {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' })
  const [error] = document.errors
  if (!error) return document.toJS({ maxAliasCount: 20 })
  const { line, col } = lineCounter.linePos(error.pos[0])
  throw new Error(`${error.message} at line ${line}, column ${col}`)
}

function parseWith(
  text: string,
  parse: (text: string) => unknown,
  format: string,
  done: (error: Error | null, body?: unknown) => void,
): void {
  try {
    done(null, text.trim() === '' ? {} : parse(text))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    done(
      new BudError('invalid-input', `The body is not valid ${format}: ${why}`, {
        cause,
        reasons: [{ code: 'malformed-body', message: why }],
      }),
    )
  }
}
