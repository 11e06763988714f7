/** Everything that can be set on a gateway, with its default. */

export interface GatewaySettings {
  host: string
  /** 0 = any free port. */
  port: number
  controlUrl: string
  gatewayToken: string
  /** Snapshot and usage spool; made when missing. */
  stateDir: string
  /** Browser origins that may call, exactly as browsers send them. */
  corsOrigins: readonly string[]
  bodyLimitBytes: number
  /** Above it: 429. */
  maxInFlight: number
  connectTimeoutMs: number
  /** Until an answer’s headers: for answers that are not streamed, the whole generation. */
  responseTimeoutMs: number
  /** Between two pieces of an answer. */
  idleTimeoutMs: number
  /** A client that reads nothing for so long is cut off, so that it does not hold a replica. */
  clientStallTimeoutMs: number
  /** How long requests in flight may take to end after a stop. */
  stopTimeoutMs: number
  spoolMaxBytes: number
}

export const defaultSettings = {
  host: '127.0.0.1',
  port: 4000,
  corsOrigins: [],
  bodyLimitBytes: 32 * 2 ** 20,
  maxInFlight: 8192,
  connectTimeoutMs: 2_000,
  responseTimeoutMs: 600_000,
  idleTimeoutMs: 300_000,
  clientStallTimeoutMs: 120_000,
  stopTimeoutMs: 10_000,
  spoolMaxBytes: 256 * 2 ** 20,
} as const satisfies Partial<GatewaySettings>
