import type { Optimization } from '@bud/contract'
import { invalidInput } from '@bud/kernel'
import type { Command } from 'commander'
import { bud } from '../config.ts'
import { readDeploymentFile } from '../deployment-file.ts'
import { wholeOption } from '../numbers.ts'
import { table } from '../output.ts'
import {
  fitOptions,
  placeOptions,
  readSearch,
  readTargets,
  readWorkload,
  required,
  searchOptions,
  targetOptions,
  trafficOptions,
  workloadOptions,
} from '../sim/options.ts'
import { describePrediction } from '../sim/prediction-view.ts'
import { describeSearch } from '../sim/search-view.ts'
import { type Answer, type Cli, group, text, type Values, type VerbSpec } from '../verb.ts'

const optimizeVerb: VerbSpec = {
  use: 'optimize',
  summary: 'Find the best configuration that holds the targets',
  options: [
    ['--model <model>', 'id or name; with --request or --gpus the catalogue’s name, a config.json or a folder'],
    ['--cluster <cluster>', 'id or name (default demo)'],
    ...placeOptions,
    ...workloadOptions,
    ...trafficOptions,
    ...targetOptions,
    ...searchOptions,
    ['--endpoint <endpoint>', 're-optimise this endpoint: its own GPUs count as free'],
    ['--approve', 'approve the recommended configuration at once'],
  ],
  examples: [
    'sim optimize --model meta-llama/Llama-3.1-70B-Instruct --ttft-ms 500 --concurrency 64',
    'sim optimize --model ./my-model --gpus 16xH100-SXM-80GB --preset rag --request-rate 5 --ttft-ms 1000',
    'sim optimize --request request.json --json',
  ],
  offline: (terminal, _args, options) =>
    isHere(options) ? import('../sim/optimize.ts').then((here) => here.optimizeHere(terminal, options)) : undefined,
  run: optimize,
}

const pastVerbs: VerbSpec[] = [
  {
    use: 'show <optimization>',
    summary: 'One past search',
    run: async (cli, [id = '']) => showOptimization(await cli.client.optimizations.get({ id })),
  },
  {
    use: 'list',
    summary: 'Past searches, newest first',
    run: async (cli) => {
      const list = await cli.client.optimizations.list({ limit: 50 })
      const rows = list.map((o) => [
        o.id,
        o.model.name,
        o.cluster.name,
        o.feasible ? 'feasible' : 'infeasible',
        o.approval?.id,
      ])
      return { data: list, text: table(['ID', 'MODEL', 'CLUSTER', 'RESULT', 'APPROVAL'], rows) }
    },
  },
  {
    use: 'approve <optimization>',
    summary: 'Approve a candidate, as it is or edited',
    options: [
      ['--candidate <n>', 'which one, from 0', '0'],
      ['-f, --file <file>', 'the edited deployment document'],
    ],
    run: approve,
  },
]

const predictVerb: VerbSpec = {
  use: 'predict',
  summary: 'Predict one configuration, or a table of rows',
  options: [
    ['--model <model>', 'id or name'],
    ['-f, --file <file>', 'deployment document'],
    ...workloadOptions,
    ...trafficOptions,
    ['--in <rows>', 'CSV of rows as in data/measurements.csv (- for standard input). No server is asked'],
    ['--out <file>', 'CSV of predictions (default: standard output)'],
    ['--observations <rows>', 'CSV of measured rows that refine the predictions first'],
  ],
  examples: [
    'sim predict --model meta-llama/Llama-3.1-8B-Instruct -f deployment.yaml --concurrency 32',
    'sim predict --in rows.csv --out predictions.csv --observations observed.csv',
  ],
  offline: (terminal, _args, options) => {
    const input = tableOf(options)
    return input === undefined
      ? undefined
      : import('../sim/predict-rows.ts').then((here) => here.predictTable(terminal, input, options))
  },
  run: predict,
}

const explainVerb: VerbSpec = {
  use: 'explain',
  summary: 'Why a configuration is predicted as it is. No server is asked',
  options: [
    ...fitOptions,
    ['--replicas <n>', 'how many', '1'],
    ['-f, --file <file>', 'deployment document, instead of --gpu and layout'],
    ...workloadOptions,
    ...trafficOptions,
  ],
  examples: [
    'sim explain --model meta-llama/Llama-3.1-70B-Instruct --gpu H100-SXM-80GB --tp 4 --concurrency 64',
    'sim explain --model ./my-model -f deployment.yaml --preset rag --request-rate 2',
  ],
  offline: (terminal, _args, options) => import('../sim/explain.ts').then((here) => here.explain(terminal, options)),
}

const fitVerb: VerbSpec = {
  use: 'fit',
  summary: 'Does a model fit a GPU? No server is asked',
  options: [...fitOptions, ...workloadOptions.slice(0, 2)],
  examples: [
    'sim fit --model meta-llama/Llama-3.1-70B-Instruct --gpu H100-SXM-80GB',
    'sim fit --model ./my-model/config.json --gpu l40s --tp 2 --max-model-len 32768',
  ],
  offline: (terminal, _args, options) => import('../sim/fit.ts').then((here) => here.fit(terminal, options)),
}

const trainVerb: VerbSpec = {
  use: 'train',
  summary: 'Train the predictor on the committed measured rows. No server is asked',
  options: [['--calibrate', 'make the intervals and data/ERRORS.md anew, too: some minutes']],
  examples: ['sim train', 'sim train --calibrate'],
  offline: (terminal, _args, options) => import('../sim/train.ts').then((here) => here.train(terminal, options)),
}

const evaluateVerb: VerbSpec = {
  use: 'evaluate',
  summary: 'How far predictions are from measurements. No server is asked',
  options: [
    ['--in <rows>', 'CSV of measured rows (default: the committed ones, left out in turn; writes data/ERRORS.md)'],
    ['--decisions', 'also judge picks made by prediction'],
  ],
  examples: ['sim evaluate', 'sim evaluate --in rows.csv --decisions'],
  offline: (terminal, _args, options) => import('../sim/train.ts').then((here) => here.evaluate(terminal, options)),
}

export function addSimCommands(program: Command): void {
  group(program, 'sim', 'Predict and optimise configurations', [
    optimizeVerb,
    ...pastVerbs,
    predictVerb,
    explainVerb,
    fitVerb,
    trainVerb,
    evaluateVerb,
  ])
}

/** GPUs that are stated need no server; a cluster's are the server's to know. */
function isHere(options: Values): boolean {
  const here = ['request', 'gpus'].filter((name) => text(options, name) !== undefined)
  const there = ['cluster', 'endpoint'].filter((name) => text(options, name) !== undefined)
  if (options.approve === true) there.push('approve')
  if (here.length > 0 && there.length > 0)
    throw invalidInput(`--${here[0]} searches on this machine, --${there[0]} on a Foundry: give one of them.`)
  return here.length > 0
}

/** The table to predict, undefined for a single configuration. */
function tableOf(options: Values): string | undefined {
  const input = text(options, 'in')
  const [stray] = (input === undefined ? ['out', 'observations'] : ['model', 'file', 'preset', 'trace']).filter(
    (name) => text(options, name) !== undefined,
  )
  if (stray === undefined) return input
  throw invalidInput(
    `--${stray} ${input === undefined ? 'goes with --in <rows>' : 'does not go with --in: each row says its own'}.`,
  )
}

async function optimize(cli: Cli, _args: string[], options: Values): Promise<Answer> {
  const search = readSearch(options)
  const result = await cli.client.optimizations.create({
    model: required(options, 'model', '--model', `"${bud('model list')}" shows them.`),
    cluster: text(options, 'cluster') ?? 'demo',
    workload: await readWorkload(options, cli.say),
    targets: readTargets(options),
    ...search,
    endpoint: text(options, 'endpoint'),
  })
  if (options.approve !== true || !result.feasible) return showOptimization(result)
  const approval = await cli.client.optimizations.approve({ id: result.id, candidate: 0 })
  const shown = showOptimization({ ...result, approval })
  return {
    ...shown,
    text: `${shown.text}\nApproved as ${approval.id}. Next: ${bud(`deploy --approval ${approval.id} --name <name>`)}`,
  }
}

async function approve(cli: Cli, [id = '']: string[], options: Values): Promise<Answer> {
  const file = text(options, 'file')
  const approval = await cli.client.optimizations.approve({
    id,
    candidate: wholeOption(options, 'candidate', '--candidate') ?? 0,
    deployment: file ? await readDeploymentFile(file) : undefined,
  })
  const edits = approval.edits.map((edit) => `  ${edit.path}: ${edit.from} → ${edit.to}`)
  return {
    data: approval,
    text: [
      `Approved as ${approval.id} by ${approval.approved_by}.`,
      ...edits,
      `Next: ${bud(`deploy --approval ${approval.id} --name <name>`)}`,
    ].join('\n'),
  }
}

async function predict(cli: Cli, _args: string[], options: Values): Promise<Answer> {
  const prediction = await cli.client.optimizations.predict({
    model: required(options, 'model', '--model', `"${bud('model list')}" shows them.`),
    deployment: await readDeploymentFile(
      required(options, 'file', '--file', 'It holds the guide’s deployment document.'),
    ),
    workload: await readWorkload(options, cli.say),
  })
  return { data: prediction, text: describePrediction(prediction) }
}

function showOptimization(result: Optimization): Answer {
  const { feasible, approval, id, cluster } = result
  const next = feasible && !approval ? ` Next: ${bud(`sim approve ${id}`)}` : ''
  const view = describeSearch({ ...result, place: cluster.name })
  return { data: result, text: `${view}\n\nSearch ${id}.${next}`, ...(feasible ? {} : { exitCode: 1 }) }
}
