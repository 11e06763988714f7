import type { Command } from 'commander'
import { text, verb } from '../verb.ts'

export function addDemoCommand(program: Command): void {
  verb(program, {
    use: 'demo',
    summary: 'Walk the whole workflow against the running Foundry, and print what happened',
    options: [
      ['--model <model>', 'what to deploy', 'meta-llama/Llama-3.1-8B-Instruct'],
      ['--cluster <cluster>', 'where', 'demo'],
      ['--keep', 'leave the endpoint running at the end'],
    ],
    run: async (cli, _args, options) => {
      const { runDemo } = await import('../demo/run-demo.ts')
      const report = await runDemo(cli, {
        model: text(options, 'model') ?? '',
        cluster: text(options, 'cluster') ?? '',
        keep: options.keep === true,
      })
      const failedSteps = report.filter((step) => !step.ok)
      return {
        data: { ok: failedSteps.length === 0, steps: report },
        text:
          failedSteps.length === 0
            ? `\nAll ${report.length} steps done.`
            : `\n${failedSteps.length} of ${report.length} steps failed.`,
        exitCode: failedSteps.length === 0 ? 0 : 1,
      }
    },
  })
}
