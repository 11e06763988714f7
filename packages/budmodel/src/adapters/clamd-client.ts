/** Commands to one clamd, over no more connections at once than it is meant to serve. */
import { messageOf } from '@bud/kernel'
import type { ClamdAddress } from './clamd-address.ts'
import { type ClamdConnection, openClamd } from './clamd-connection.ts'
import { type ClamdAnswer, parseClamdReply } from './clamd-reply.ts'
import { createTurns } from './clamd-turns.ts'

export interface ClamdClientOptions {
  address: ClamdAddress
  timeoutMs: number
  maxConnections: number
}

export interface ClamdClient {
  /** A simple command's answer, e.g. VERSION. Rejects when there is none. */
  ask(command: string): Promise<string>
  /** A stream that clamd takes as one file. Waits for its turn; the connection's failures are told by its answer. */
  stream(signal: AbortSignal): Promise<ClamdStream>
}

/** One INSTREAM: push, then end. */
export interface ClamdStream {
  /** Resolves when the bytes may be overwritten. They are let pass when clamd has answered or gone. */
  push(bytes: Uint8Array): Promise<void>
  end(): Promise<ClamdAnswer>
}

const END_OF_STREAM = Buffer.alloc(4)

export function createClamdClient({ address, timeoutMs, maxConnections }: ClamdClientOptions): ClamdClient {
  const turns = createTurns(maxConnections)

  /** Ends its turn with the connection, however that ends. */
  async function open(command: string, signal: AbortSignal): Promise<ClamdConnection> {
    const done = await turns.take(signal)
    try {
      const connection = await openClamd({ address, timeoutMs, signal })
      connection.reply.then(done, done)
      await connection.send(Buffer.from(`z${command}\0`))
      return connection
    } catch (error) {
      done()
      throw error
    }
  }

  return {
    async ask(command) {
      const connection = await open(command, new AbortController().signal)
      return connection.answer()
    },
    async stream(signal) {
      try {
        return streamOver(await open('INSTREAM', signal))
      } catch (error) {
        return deadStream(messageOf(error))
      }
    },
  }
}

function streamOver(connection: ClamdConnection): ClamdStream {
  return {
    async push(bytes) {
      if (bytes.length === 0) return
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      await connection.send(length, bytes)
    },
    async end() {
      const complete = await connection.send(END_OF_STREAM)
      try {
        const answer = parseClamdReply(await connection.answer())
        // It has not seen all of it, so what it says about all of it is worth nothing.
        if (answer.kind === 'clean' && !complete) return unavailable('clamd answered before it had all bytes')
        return answer
      } catch (error) {
        return unavailable(messageOf(error))
      }
    },
  }
}

const deadStream = (reason: string): ClamdStream => ({
  push: async () => {},
  end: async () => unavailable(reason),
})

const unavailable = (reason: string): ClamdAnswer => ({ kind: 'not-looked-at', cause: 'unavailable', reason })
