import { invalidInput } from '@bud/kernel'
import type { Command } from 'commander'
import { saveProfile } from '../config.ts'
import { ago, table } from '../output.ts'
import { group, verb } from '../verb.ts'

export function addAccessCommands(program: Command): void {
  verb(program, {
    use: 'login',
    summary: 'Keep an address and a token as the profile (give --url and --token)',
    examples: ['login --url https://foundry.example --token …'],
    run: async (cli) => {
      const { url, token } = cli.connection
      if (!token) throw invalidInput('Give --url and --token; "npm start" prints where the first token lies.')
      const me = await cli.client.system.me()
      const file = saveProfile({ url, token })
      return {
        data: { ...me, profile: file },
        text: `Signed in at ${url} as ${me.name} in project ${me.project.name}. Kept in ${file}.`,
      }
    },
  })
  verb(program, {
    use: 'sign-in-link',
    summary: 'A one-time link that opens the dashboard signed in',
    run: async (cli) => {
      const link = await cli.client.signInLinks.create()
      return { data: link, text: link.url }
    },
  })
  group(program, 'token', 'API tokens of your own', [
    {
      use: 'list',
      summary: 'All of them',
      run: async (cli) => {
        const tokens = await cli.client.tokens.list()
        return {
          data: tokens,
          text: table(
            ['ID', 'NAME', 'STARTS WITH', 'CREATED'],
            tokens.map((token) => [token.id, token.name, token.prefix, ago(token.created_at)]),
          ),
        }
      },
    },
    {
      use: 'create <name>',
      summary: 'Create one; it is shown once',
      run: async (cli, [name = '']) => {
        const created = await cli.client.tokens.create({ name })
        return { data: created, text: created.secret }
      },
    },
    {
      use: 'revoke <id>',
      summary: 'Revoke one',
      run: async (cli, [id = '']) => {
        await cli.client.tokens.revoke({ id })
        return { data: { revoked: id }, text: `Revoked ${id}.` }
      },
    },
  ])
  group(program, 'key', 'Inference keys for the gateway', [
    {
      use: 'list',
      summary: 'All of them',
      run: async (cli) => {
        const keys = await cli.client.inferenceKeys.list()
        return {
          data: keys,
          text: table(
            ['ID', 'NAME', 'STARTS WITH', 'CREATED', 'LAST USED'],
            keys.map((key) => [
              key.id,
              key.name,
              key.prefix,
              ago(key.created_at),
              key.last_used_at ? ago(key.last_used_at) : 'never',
            ]),
          ),
        }
      },
    },
    {
      use: 'create <name>',
      summary: 'Create one; it is shown once',
      run: async (cli, [name = '']) => {
        const created = await cli.client.inferenceKeys.create({ name })
        return { data: created, text: created.secret }
      },
    },
    {
      use: 'revoke <id>',
      summary: 'Revoke one',
      run: async (cli, [id = '']) => {
        await cli.client.inferenceKeys.revoke({ id })
        return { data: { revoked: id }, text: `Revoked ${id}.` }
      },
    },
  ])
}
