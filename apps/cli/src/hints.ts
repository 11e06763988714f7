/** The Foundry speaks of its HTTP API; at a terminal the same steps are commands. */
import { bud } from './config.ts'

const ID = '(?<id>[\\w-]+|\\{id\\})'
const END = '(?![\\w/{-])'

/** What a message may say → what does the same here; `#` is the id. The more particular come first. */
const commands: Array<[place: string, command: string]> = [
  [`GET /endpoints/${ID}/logs`, 'endpoint logs #'],
  [`GET /endpoints/${ID}/metrics`, 'endpoint metrics #'],
  [`GET /endpoints/${ID}`, 'endpoint get #'],
  ['GET /endpoints', 'endpoint list'],
  [`GET /models/${ID}`, 'model get #'],
  ['GET /models', 'model list'],
  [`POST /models/${ID}/versions`, 'model add-version # <source>'],
  ['POST /models', 'model register <name> <source>'],
  ['POST /uploads', 'model push <folder>'],
  ['GET /connections', 'connection list'],
  ['POST /connections', 'connection add <name>'],
  [`GET /clusters/${ID}`, 'cluster get #'],
  ['GET /clusters', 'cluster list'],
  ['GET /optimizations', 'sim list'],
  [`GET /operations/${ID}`, 'operation watch #'],
  ['GET /operations', 'operation list'],
  ['GET /inference-keys', 'key list'],
  ['POST /inference-keys(?: on the control plane)?', 'key create <name>'],
  ['GET /tokens', 'token list'],
  ['GET /alerts', 'alerts list'],
  // The gateway's own list, as its refusals name it; served models are endpoints.
  ['(?<=\\()GET /v1/models(?=\\))', 'endpoint list'],
]
const hints = commands.map(([place, command]) => ({ pattern: new RegExp(`(at )?${place}${END}`, 'g'), command }))

export const inCommands = (message: string): string =>
  hints.reduce((text, { pattern, command }) => text.replaceAll(pattern, (...match) => quote(command, match)), message)

function quote(command: string, match: unknown[]): string {
  const groups = match.at(-1)
  const id = typeof groups === 'object' && groups !== null && 'id' in groups ? String(groups.id) : '{id}'
  const line = bud(command.replace('#', id === '{id}' ? '<id>' : id))
  return `${match[1] === undefined ? '' : 'with '}"${line}"`
}
