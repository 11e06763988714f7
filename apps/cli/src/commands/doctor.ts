import type { Command } from 'commander'
import { fields, goodOrBad } from '../output.ts'
import { verb } from '../verb.ts'

export function addDoctorCommand(program: Command): void {
  verb(program, {
    use: 'doctor',
    summary: 'Check that every part is well, and say what to do where it is not',
    run: async (cli) => {
      const info = await cli.client.system.info()
      const checks = info.checks.map(
        (check) =>
          `${goodOrBad(check.ok)} ${check.name}: ${check.message}${check.next_step ? `\n    next: ${check.next_step}` : ''}`,
      )
      const about = fields([
        ['version', info.version],
        ['address', cli.connection.url],
        ['gateway', info.gateway_url],
        ['database', info.database],
        ['data folder', info.data_dir],
      ])
      return {
        data: info,
        text: `${about}\n\n${checks.join('\n')}`,
        exitCode: info.checks.every((check) => check.ok) ? 0 : 1,
      }
    },
  })
}
