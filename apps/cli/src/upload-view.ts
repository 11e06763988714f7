/** Shows how far an upload is: a moving bar on a terminal, a line for each file elsewhere. */
import { bytes } from './output.ts'
import { progressBar } from './progress-bar.ts'
import type { Cli } from './verb.ts'

export interface UploadView {
  /** So many bytes of this file more have been read to be sent. */
  advance(path: string, count: number): void
  sent(path: string): void
  end(): void
}

export async function createUploadView(cli: Cli, total: number): Promise<UploadView> {
  let done = 0
  if (cli.json || !process.stderr.isTTY) {
    return {
      advance: (_path, count) => {
        done += count
      },
      sent: (path) => cli.say(`  sent ${path} (${bytes(done)} of ${bytes(total)})`),
      end: () => {},
    }
  }
  const { spinner } = await import('@clack/prompts')
  const spin = spinner({ indicator: 'timer' })
  spin.start('upload')
  return {
    advance: (path, count) => {
      done += count
      spin.message(`upload ${progressBar({ done, total, unit: 'bytes' })} ${path}`)
    },
    sent: () => {},
    end: () => spin.stop(`✓ upload: ${bytes(done)}`),
  }
}
