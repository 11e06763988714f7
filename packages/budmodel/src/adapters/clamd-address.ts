/** Where a clamd listens, as the setting writes it: `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`. */
import { invalidInput } from '@bud/kernel'

export type ClamdAddress = { path: string } | { host: string; port: number }

export function describeClamdAddress(address: ClamdAddress): string {
  if ('path' in address) return `unix:${address.path}`
  return `tcp:${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

export function parseClamdAddress(text: string): ClamdAddress {
  const path = /^unix:(\/.+)$/.exec(text)?.[1]
  if (path !== undefined) return { path }
  const [, host, digits] = /^tcp:(.+):(\d{1,5})$/.exec(text) ?? []
  const port = Number(digits)
  if (host !== undefined && port > 0 && port < 65536) return { host: host.replace(/^\[(.*)\]$/, '$1'), port }
  throw invalidInput(`"${text}" is no address of clamd: write unix:/path/of/the/socket or tcp:host:port.`)
}
