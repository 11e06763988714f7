/** Shell completion, written from the commands themselves. */
import { invalidInput } from '@bud/kernel'
import type { Command } from 'commander'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function addCompletionCommand(program: Command): void {
  program
    .command('completion <shell>')
    .description('Print a completion script: bash, zsh or fish')
    .addHelpText(
      'after',
      '\nExamples:\n  bud completion bash > ~/.local/share/bash-completion/completions/bud\n  bud completion zsh > ~/.zfunc/_bud\n  bud completion fish > ~/.config/fish/completions/bud.fish',
    )
    .action((shell: string) => {
      if (!isShell(shell)) throw invalidInput(`There is completion for ${shells.join(', ')}, not for "${shell}".`)
      console.log(scripts[shell](wordsOf(program)))
    })
}

const isShell = (value: string): value is Shell => (shells as readonly string[]).includes(value)

/** What may follow each command path: its subcommands and its long options. */
function wordsOf(command: Command, path: string[] = []): Array<{ path: string; words: string[] }> {
  const options = command.options.filter((option) => !option.hidden && option.long).map((option) => option.long ?? '')
  const words = [...command.commands.map((child) => child.name()), ...options]
  return [
    { path: path.join(' '), words },
    ...command.commands.flatMap((child) => wordsOf(child, [...path, child.name()])),
  ]
}

type Words = ReturnType<typeof wordsOf>
const bashCases = (words: Words) =>
  words.map(({ path, words: list }) => `    "${path}") words="${list.join(' ')}" ;;`).join('\n')

const scripts: Record<Shell, (words: Words) => string> = {
  bash: (words) => `_bud() {
  local path="" words="" word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${bashCases(words)}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -F _bud bud`,
  zsh: (words) => `#compdef bud
_bud() {
  local path="" list="" word
  for word in "\${words[@]:1:CURRENT-2}"; do
    case "$word" in -*) ;; *) path="\${path:+$path }$word" ;; esac
  done
  case "$path" in
${bashCases(words).replaceAll('words=', 'list=')}
  esac
  compadd -- \${=list}
}
compdef _bud bud`,
  fish: (words) =>
    words
      .flatMap(({ path, words: list }) => {
        const condition =
          path === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${path.split(' ').at(-1)}`
        return list.map((word) => `complete -c bud -f -n '${condition}' -a '${word}'`)
      })
      .join('\n'),
}
