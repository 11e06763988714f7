import type { FoundryConfig } from './config.ts'

/** Where people and programs reach us; the ports are known once we listen. */
export class Addresses {
  readonly #config: FoundryConfig
  port: number
  gatewayPort: number

  constructor(config: FoundryConfig) {
    this.#config = config
    this.port = config.port
    this.gatewayPort = config.gatewayPort
  }

  get publicUrl(): string {
    return this.#config.publicUrl?.replace(/\/$/, '') ?? `http://${this.#publicHost}:${this.port}`
  }

  get #publicHost(): string {
    const host = reachable(this.#config.host)
    return ['127.0.0.1', '[::1]'].includes(host) ? 'localhost' : host
  }

  /** The gateway's root, on the host that people use for us. */
  get gatewayOrigin(): string {
    const url = new URL(this.publicUrl)
    return `${url.protocol}//${url.hostname}:${this.gatewayPort}`
  }

  get gatewayUrl(): string {
    return `${this.gatewayOrigin}/v1`
  }

  /** Where this machine's own processes reach us. */
  get controlUrl(): string {
    return `http://${reachable(this.#config.host)}:${this.port}`
  }

  get gatewayHealthUrl(): string {
    return `http://${reachable(this.#config.host)}:${this.gatewayPort}/health`
  }

  get dashboardOrigins(): string[] {
    return [
      ...new Set([new URL(this.publicUrl).origin, `http://localhost:${this.port}`, `http://127.0.0.1:${this.port}`]),
    ]
  }
}

/** Who listens everywhere is reached on the loopback; IPv6 goes in brackets. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
