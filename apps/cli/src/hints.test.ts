import { describe, expect, test } from 'vitest'
import { bud } from './config.ts'
import { inCommands } from './hints.ts'

describe('what the Foundry and the gateway say of HTTP, told in commands', () => {
  test.each([
    ['No endpoint "x". GET /endpoints lists them.', 'endpoint list'],
    ['GET /models lists what there is.', 'model list'],
    ['(GET /clusters shows who has them)', 'cluster list'],
    ['GET /optimizations lists them.', 'sim list'],
    ['Open one with POST /uploads; a finished import removes its upload.', 'model push <folder>'],
    ['Read the engine’s log: GET /endpoints/{id}/logs.', 'endpoint logs <id>'],
    ['GET /operations/op-1 shows how it went.', 'operation watch op-1'],
    ['GET /inference-keys lists them.', 'key list'],
    ['Create a key with POST /inference-keys on the control plane.', 'key create <name>'],
    ['Served: a, b, and 3 more (GET /v1/models)', 'endpoint list'],
  ])('%s', (message, command) => {
    const told = inCommands(message)
    expect(told).toContain(`"${bud(command)}"`)
    expect(told).not.toMatch(/GET|POST/)
  })

  test('leaves alone what has no command', () => {
    const message = 'The gateway answers POST /v1/chat/completions and GET /v1/models. GET /modelsX, GET /endpoints/a/b'
    expect(inCommands(message)).toBe(message)
  })
})
