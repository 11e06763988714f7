import type { Connection } from '@bud/contract'
import { invalidInput } from '@bud/kernel'
import type { Command } from 'commander'
import { sourceSecrets } from '../config.ts'
import { findSecret, requireSecret } from '../models/secrets.ts'
import { ago, table } from '../output.ts'
import { type Answer, type Cli, group, text, type Values } from '../verb.ts'

export function addConnectionCommands(program: Command): void {
  group(program, 'connection', 'Buckets and hubs that models come from', [
    {
      use: 'list',
      summary: 'All of them',
      run: async (cli) => describeConnections(await cli.client.connections.list()),
    },
    {
      use: 'add <name>',
      summary: 'Add a bucket (--s3) or a hub (--hub); it is tried before it is kept',
      options: [
        ['--s3 <bucket>', 'a bucket of any S3-compatible store'],
        ['--hub', 'Hugging Face, or a mirror of it'],
        ['--endpoint <url>', 'of the store or mirror; default: AWS, huggingface.co'],
        ['--region <region>', 'of the bucket'],
        ['--access-key-id <id>', 'of the bucket; the secret is BUD_S3_SECRET_ACCESS_KEY or asked for'],
        ['--virtual-host', 'the bucket’s name stands in the host name, not in the path'],
        ['--secret-stdin', 'read the secret key, or the hub’s token, from standard input'],
      ],
      examples: [
        'connection add minio --s3 models --endpoint http://10.0.0.5:9000 --access-key-id reader',
        'connection add hub --hub     # token: BUD_HF_TOKEN, or asked for',
        'connection add mirror --hub --endpoint https://hub.example',
      ],
      run: addConnection,
    },
    {
      use: 'remove <name>',
      summary: 'Remove one',
      run: async (cli, [name = '']) => {
        await cli.client.connections.delete({ name })
        return { data: { removed: name }, text: `Removed ${name}.` }
      },
    },
  ])
}

async function addConnection(cli: Cli, [name = '']: string[], options: Values): Promise<Answer> {
  const bucket = text(options, 's3')
  if ((bucket === undefined) === (options.hub !== true))
    throw invalidInput('Say what it is: --s3 <bucket> for a bucket, or --hub for Hugging Face or its mirror.')
  const created = await cli.client.connections.create(
    bucket === undefined ? await readHub(name, options) : await readBucket(name, bucket, options),
  )
  return { data: created, text: `Added ${created.name}: ${placeOf(created)} answers.\n${nextStep(created)}` }
}

async function readBucket(name: string, bucket: string, options: Values) {
  const access_key_id = text(options, 'accessKeyId')
  if (access_key_id === undefined) throw invalidInput('--access-key-id is missing.')
  const { s3Secret, s3SessionToken } = sourceSecrets()
  const secret_access_key = await requireSecret({
    label: 'The secret access key',
    variable: 'BUD_S3_SECRET_ACCESS_KEY',
    fromEnvironment: s3Secret,
    fromStdin: options.secretStdin === true,
  })
  return {
    kind: 's3' as const,
    name,
    bucket,
    endpoint: text(options, 'endpoint'),
    region: text(options, 'region'),
    path_style: options.virtualHost !== true,
    access_key_id,
    secret_access_key,
    session_token: s3SessionToken,
  }
}

async function readHub(name: string, options: Values) {
  const token = await findSecret({
    label: 'Token (empty for public repositories)',
    variable: 'BUD_HF_TOKEN',
    fromEnvironment: sourceSecrets().hubToken,
    fromStdin: options.secretStdin === true,
  })
  return { kind: 'huggingface' as const, name, endpoint: text(options, 'endpoint'), token }
}

const placeOf = ({ kind, bucket, endpoint }: Connection): string =>
  kind === 's3' ? `s3://${bucket}${endpoint === null ? '' : ` at ${endpoint}`}` : (endpoint ?? 'huggingface.co')

const nextStep = ({ kind, bucket }: Connection): string =>
  kind === 's3'
    ? `Models come from it as s3://${bucket}/<folder>.`
    : 'Models come from it as hf://<organisation>/<name>.'

function describeConnections(connections: Connection[]): Answer {
  const rows = connections.map((one) => [
    one.name,
    one.kind,
    placeOf(one),
    one.access_key_id,
    one.has_secret ? 'yes' : 'no',
    `${ago(one.created_at)} by ${one.created_by}`,
  ])
  return { data: connections, text: table(['NAME', 'KIND', 'PLACE', 'KEY', 'SECRET', 'ADDED'], rows) }
}
