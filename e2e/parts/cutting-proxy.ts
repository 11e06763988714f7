/** A TCP proxy that breaks connections at a byte of one's choosing, as networks do. */
import { connect, createServer, type Socket } from 'node:net'
import { freePort } from '../foundry.ts'

export interface Cut {
  /** `down`: what the server sends; `up`: what the client sends. */
  direction: 'up' | 'down'
  /** Both sides are reset when so many bytes have passed in a connection. */
  afterBytes: number
  /** So many connections are cut, then they live. */
  times: number
}

export interface CuttingProxy {
  url: string
  /** How many connections were cut since `cut` was last called. */
  cuts(): number
  /** From the next connection on; undefined: none is cut. Connections that are open are ended. */
  cut(cut: Cut | undefined): void
  stop(): Promise<void>
}

export async function startCuttingProxy(targetPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>()
  let plan: Cut | undefined
  let done = 0
  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1')
    const pair = [client, upstream]
    const own = plan
    for (const socket of pair) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
      socket.on('error', () => {})
    }
    forward(client, upstream, own?.direction === 'up' ? own : undefined)
    forward(upstream, client, own?.direction === 'down' ? own : undefined)
  })

  function forward(from: Socket, to: Socket, own: Cut | undefined): void {
    let passed = 0
    from.on('data', (chunk: Buffer) => {
      const left = own && own === plan && done < own.times ? own.afterBytes - passed : Number.POSITIVE_INFINITY
      passed += chunk.length
      if (chunk.length >= left) {
        done++
        to.write(chunk.subarray(0, left), () => {
          from.resetAndDestroy()
          to.resetAndDestroy()
        })
        from.pause()
      } else if (!to.write(chunk)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
    })
    from.on('end', () => to.end())
    from.on('close', () => to.destroy())
  }

  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${port}`,
    cuts: () => done,
    cut: (next) => {
      plan = next
      done = 0
      for (const socket of sockets) socket.destroy()
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
