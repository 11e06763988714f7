import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { runBud } from '../testing/run-bud.ts'

const bash = '/bin/bash'
const MODEL_VERBS =
  'list get files compare sample push register versions add-version alias unalias archive restore check scan report tag describe delete sweep benchmarks'.split(
    ' ',
  )

describe.skipIf(!existsSync(bash))('completion in bash', () => {
  let script: string
  beforeAll(async () => {
    script = (await runBud('completion', 'bash')).stdout
  })

  /** What bash offers when Tab is pressed after `line`; the last word is the one begun. */
  const offers = (line: string): string[] => {
    const words = line.split(' ')
    const ask = `${script}
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')})
COMP_CWORD=${words.length - 1}
_bud
printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout, stderr, status } = spawnSync(bash, ['--norc', '-c', ask], { encoding: 'utf8', env: {} })
    expect([status, stderr]).toEqual([0, ''])
    return stdout.split('\n').filter((word) => word !== '')
  }

  test('offers the verbs of a group', () => {
    expect(offers('bud model ')).toEqual(MODEL_VERBS)
    expect(offers('bud model re')).toEqual(['register', 'restore', 'report'])
    expect(offers('bud model benchmarks ')).toEqual(expect.arrayContaining(['import']))
    expect(offers('bud connection ')).toEqual(expect.arrayContaining(['list', 'add', 'remove']))
    expect(offers('bud policy ')).toEqual(expect.arrayContaining(['show', 'set', 'waive', 'unwaive']))
  })

  test('offers every command at the start', () => {
    const all = offers('bud ')
    for (const command of [
      'model',
      'sim',
      'deploy',
      'endpoint',
      'chat',
      'alerts',
      'cluster',
      'login',
      'doctor',
      'demo',
    ])
      expect(all).toContain(command)
    expect(offers('bud de')).toEqual(['deploy', 'demo'])
  })

  test('offers a verb’s options, also after its arguments and other options', () => {
    expect(offers('bud model list --s')).toEqual(['--search', '--size', '--state', '--score-min', '--sort'])
    expect(offers('bud model push ./folder --pa')).toEqual(['--parallel', '--parameter-count'])
    expect(offers('bud endpoint scale chat 4 --no')).toEqual(['--no-wait'])
    expect(offers('bud deploy --json --ap')).toEqual(['--approval'])
    expect(offers('bud model list --to')).toEqual(['--token'])
  })

  test('does not take a word for a verb that is none', () => {
    expect(offers('bud chat model --max')).toEqual(['--max-tokens'])
  })
})

test('completion for zsh and fish names every verb', async () => {
  const zsh = (await runBud('completion', 'zsh')).stdout
  expect(zsh).toMatch(/^#compdef bud\n/)
  expect(zsh).toContain(`"model"|"model "*) list="${MODEL_VERBS.join(' ')}"`)
  const fish = (await runBud('completion', 'fish')).stdout
  expect(fish).toContain(
    `complete -c bud -f -n '__fish_seen_subcommand_from model; and not __fish_seen_subcommand_from ${MODEL_VERBS.join(' ')}' -a 'push'`,
  )
})
