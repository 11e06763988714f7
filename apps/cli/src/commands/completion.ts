/** Shell completion, written from the commands themselves. */
import type { Command } from 'commander'
import { bud } from '../config.ts'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function addCompletionCommand(program: Command): void {
  program
    .command('completion <shell>')
    .description('Print a completion script: bash, zsh or fish')
    .addHelpText(
      'after',
      `\nExamples:\n  ${bud('completion bash')} > ~/.local/share/bash-completion/completions/bud\n  ${bud('completion zsh')} > ~/.zfunc/_bud\n  ${bud('completion fish')} > ~/.config/fish/completions/bud.fish`,
    )
    .option('--json', 'print JSON')
    .action((shell: string, { json }: { json?: boolean }) => {
      if (!isShell(shell))
        return program.error(`There is completion for ${shells.join(', ')}, not for "${shell}".`, { exitCode: 2 })
      const script = scripts[shell](entriesOf(program))
      console.log(json ? JSON.stringify({ shell, script }, null, 2) : script)
    })
}

const isShell = (value: string): value is Shell => (shells as readonly string[]).includes(value)

interface Entry {
  /** The command so far, without "bud": "model list". */
  path: string
  commands: string[]
  options: string[]
}

/** What may follow each command: deeper ones first, so that the longest path that fits is found first. */
function entriesOf(command: Command, path: string[] = []): Entry[] {
  const options = command.options.flatMap((option) => (option.hidden || !option.long ? [] : [option.long]))
  const commands = command.commands.map((child) => child.name())
  return [
    ...command.commands.flatMap((child) => entriesOf(child, [...path, child.name()])),
    { path: path.join(' '), commands, options },
  ]
}

/** A path fits also when arguments follow it: "model get llama" is completed as "model get". */
const cases = (entries: Entry[]): string =>
  entries
    .map(({ path, commands, options }) => {
      const pattern = path === '' ? '*' : `"${path}"|"${path} "*`
      return `    ${pattern}) list="${[...commands, ...options].join(' ')}" ;;`
    })
    .join('\n')

/** Bash and zsh differ in how the words before the cursor are had, and how candidates are offered. */
const shellFunction = (words: string, offer: string, entries: Entry[]): string => `_bud() {
  local sofar="" list="" word
  for word in ${words}; do
    case "$word" in -*) ;; *) sofar="\${sofar:+$sofar }$word" ;; esac
  done
  case "$sofar" in
${cases(entries)}
  esac
  ${offer}
}`

const bash = {
  words: `"\${COMP_WORDS[@]:1:COMP_CWORD-1}"`,
  offer: `COMPREPLY=($(compgen -W "$list" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
}
const zsh = { words: `"\${words[@]:1:CURRENT-2}"`, offer: `compadd -- \${=list} || _files` }

function fishLines({ path, commands, options }: Entry): string[] {
  const words = path === '' ? [] : path.split(' ')
  const seen = words.map((word) => `__fish_seen_subcommand_from ${word}`)
  const notFurther = commands.length > 0 ? [`not __fish_seen_subcommand_from ${commands.join(' ')}`] : []
  const condition = [...seen, ...notFurther].join('; and ')
  return [
    ...commands.map((word) => `complete -c bud -f -n '${condition}' -a '${word}'`),
    ...options.map((word) => `complete -c bud -n '${condition}' -l ${word.slice(2)}`),
  ]
}

const scripts: Record<Shell, (entries: Entry[]) => string> = {
  bash: (entries) => `${shellFunction(bash.words, bash.offer, entries)}\ncomplete -o default -F _bud bud`,
  zsh: (entries) => `#compdef bud\n${shellFunction(zsh.words, zsh.offer, entries)}\ncompdef _bud bud`,
  fish: (entries) => entries.flatMap(fishLines).join('\n'),
}
