import { type AlertRule, invalidInput, MetricName } from '@bud/kernel'
import type { Command } from 'commander'
import { number } from '../numbers.ts'
import { ago, table } from '../output.ts'
import { group } from '../verb.ts'

export function addAlertCommands(program: Command): void {
  group(program, 'alerts', 'Alerts and their rules', [
    {
      use: 'list',
      summary: 'Firing first, then newest',
      run: async (cli) => {
        const alerts = await cli.client.alerts.list({ limit: 50 })
        const rows = alerts.map((alert) => [
          alert.state,
          alert.endpoint_name,
          alert.metric,
          alert.message,
          ago(alert.firing_at ?? alert.pending_at),
        ])
        return {
          data: alerts,
          text: rows.length === 0 ? 'No alerts.' : table(['STATE', 'ENDPOINT', 'METRIC', 'MESSAGE', 'SINCE'], rows),
        }
      },
    },
    {
      use: 'rules <endpoint>',
      summary: 'The rules in force for an endpoint',
      run: async (cli, [id = '']) => {
        const rules = await cli.client.endpoints.alertRules({ id })
        return { data: rules, text: rulesTable(rules) }
      },
    },
    {
      use: 'set <endpoint> <metric>',
      summary: 'Override one rule',
      options: [
        ['--threshold <n>', 'in the metric’s unit'],
        ['--for <seconds>', 'how long it must hold'],
        ['--min-samples <n>', 'requests below which a percentile says nothing'],
        ['--reset', 'back to the default or the approved target'],
      ],
      examples: ['alerts set chat queue_depth --threshold 50 --for 30'],
      run: async (cli, [id = '', name = ''], options) => {
        const metric = MetricName.safeParse(name)
        if (!metric.success)
          throw invalidInput(`There is no metric "${name}"; it is one of ${MetricName.options.join(', ')}.`)
        const rule = await cli.client.endpoints.editAlertRule({
          id,
          metric: metric.data,
          threshold: number(options, 'threshold', '--threshold'),
          for_s: number(options, 'for', '--for'),
          min_samples: number(options, 'minSamples', '--min-samples'),
          reset: options.reset === true ? true : undefined,
        })
        return { data: rule, text: rulesTable([rule]) }
      },
    },
  ])
}

const rulesTable = (rules: AlertRule[]) =>
  table(
    ['METRIC', 'FIRES WHEN', 'FOR (S)', 'MIN SAMPLES', 'FROM'],
    rules.map((rule) => [
      rule.metric,
      rule.threshold === null ? 'no target set' : `${rule.op} ${rule.threshold}`,
      rule.for_s,
      rule.min_samples,
      rule.source,
    ]),
  )
