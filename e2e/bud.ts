/** Runs the `bud` command as a user would. */
import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import type { RunningFoundry } from './foundry.ts'

const bin = resolve(import.meta.dirname, '../apps/cli/bin/bud.js')

export interface BudResult {
  code: number | null
  stdout: string
  stderr: string
}

export function bud(foundry: Pick<RunningFoundry, 'url' | 'dataDir'>, ...args: string[]): Promise<BudResult> {
  const child = spawn(process.execPath, [bin, ...args], {
    env: { ...process.env, BUD_PORT: new URL(foundry.url).port, BUD_DATA_DIR: foundry.dataDir, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((done) => child.once('close', (code) => done({ code, stdout, stderr })))
}
