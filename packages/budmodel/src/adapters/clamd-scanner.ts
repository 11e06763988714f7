/** ClamAV behind the StreamScanner port: a running clamd is sent every file by INSTREAM. */
import { invalidInput, messageOf, unavailable } from '@bud/kernel'
import type { StreamScanner } from '../ports.ts'
import { type ClamdAddress, describeClamdAddress } from './clamd-address.ts'
import { createClamdClient } from './clamd-client.ts'
import { createClamdProof } from './clamd-proof.ts'
import { ClamdWatch } from './clamd-watch.ts'

export interface ClamdScannerOptions {
  address: ClamdAddress
  /** How much clamd is given at once: at most its StreamMaxLength and MaxFileSize (both 100 MiB by default). */
  windowBytes?: number
  /** How much of a window the next one sees again: the longest signature that is found across their border. */
  overlapBytes?: number
  /** For each thing that is waited for: clamd to take bytes or to answer, the file's next bytes to come. */
  timeoutMs?: number
  /** At once; clamd serves MaxThreads (10 by default). */
  maxConnections?: number
}

const MIB = 2 ** 20
const DEFAULTS = { windowBytes: 64 * MIB, overlapBytes: MIB, timeoutMs: 120_000, maxConnections: 4 }
/** clamd cannot look at files of 2 GiB and more, and does not say so. */
const MAX_WINDOW_BYTES = 2 ** 31 - 1

export function createClamdScanner(options: ClamdScannerOptions): StreamScanner {
  const { address, windowBytes, overlapBytes, timeoutMs, maxConnections } = { ...DEFAULTS, ...options }
  if (overlapBytes < 0 || overlapBytes >= windowBytes || windowBytes > MAX_WINDOW_BYTES || maxConnections < 1) {
    throw invalidInput(
      'A window of clamd is longer than its overlap and shorter than 2 GiB, over at least 1 connection.',
    )
  }
  const client = createClamdClient({ address, timeoutMs, maxConnections })
  const proof = createClamdProof(async (content) => {
    const stream = await client.stream(new AbortController().signal)
    await stream.push(content)
    return stream.end()
  })

  return {
    name: 'clamd',
    async version() {
      proof.forget()
      const answer = await client.ask('VERSION').catch((error: unknown) => {
        throw unavailable(`${messageOf(error)}. ${nextStep(address)}`, error)
      })
      if (!answer.startsWith('ClamAV ')) {
        throw unavailable(`What answers at ${describeClamdAddress(address)} is not clamd. ${nextStep(address)}`)
      }
      return answer
    },
    watch: (path) =>
      new ClamdWatch({
        ...{ path, windowBytes, overlapBytes },
        distrust: () => proof.distrust(),
        stream: (signal) => client.stream(signal),
        onUnavailable: () => proof.forget(),
      }),
  }
}

const nextStep = (address: ClamdAddress): string =>
  `Start clamd, or give the address it listens on (${'path' in address ? 'LocalSocket' : 'TCPSocket and TCPAddr'} in clamd.conf).`
