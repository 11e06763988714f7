/** `bud model check`: the registry's scan on this machine, before anything is sent. */
import { resolve } from 'node:path'
import { createMovingLine } from '../moving-line.ts'
import { progressBar } from '../progress-bar.ts'
import { readTextFile } from '../read-text-file.ts'
import { type Answer, type Terminal, text, type Values, type VerbSpec } from '../verb.ts'
import { isLeftOut } from './push/local-files.ts'
import { describeReport } from './report-view.ts'

const EXIT_CODES = { clean: 0, blocked: 1, incomplete: 2 } as const

export const checkVerb: VerbSpec = {
  use: 'check <folder>',
  summary: 'Scan a folder on this machine, without a server; exit code 1 blocked, 2 incomplete',
  options: [
    ['--policy <file>', 'rules as YAML; default: those a Foundry starts with'],
    ['--name <name>', 'by which waivers know the model; default: the folder’s'],
  ],
  examples: ['model check ./tiny-llama', 'model check ./tuned --policy model-policy.yaml --json'],
  offline: checkModel,
}

async function checkModel(terminal: Terminal, [given = '']: string[], options: Values): Promise<Answer> {
  const { checkFolder } = await import('@bud/budmodel/check-folder')
  const policy = text(options, 'policy')
  const progress = createProgress(terminal)
  const report = await checkFolder(resolve(given), {
    policyText: policy === undefined ? undefined : await readTextFile(policy, 'the policy'),
    model: text(options, 'name'),
    leaveOut: isLeftOut,
    onListed: progress.begin,
    onBytes: progress.advance,
  }).finally(progress.end)
  return {
    data: report,
    text: describeReport(given, report, report.files),
    exitCode: EXIT_CODES[report.verdict],
  }
}

/** A moving line on a terminal; nothing elsewhere. */
function createProgress(terminal: Terminal) {
  const moving = createMovingLine(terminal)
  let total = 0
  let done = 0
  return {
    begin: (listed: { bytes: number }) => {
      total = listed.bytes
    },
    advance: (path: string, count: number) => {
      done += count
      moving?.draw(() => `${progressBar({ done, total, unit: 'bytes' })} · ${path}`)
    },
    end: () => moving?.clear(),
  }
}
