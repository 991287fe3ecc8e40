import type { Command } from 'commander'
import { Argument } from 'commander'
import type { CommandContext } from './context.ts'

const shells = ['bash', 'zsh'] as const

/** `pulse completion bash|zsh`, and the hidden command that both scripts ask for words. */
export function addCompletion(program: Command, context: CommandContext) {
  program
    .command('completion')
    .addArgument(new Argument('<shell>').choices(shells))
    .description('print the completion script of a shell')
    .addHelpText(
      'after',
      `
Examples:
  source <(pulse completion bash)
  pulse completion zsh > "\${fpath[1]}/_pulse"`,
    )
    .action((shell: (typeof shells)[number]) => context.out.write(scripts[shell]))

  program
    .command('complete-words [words...]', { hidden: true })
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => {
      const types = (await context.kinds()).map(({ plural }) => plural)
      context.out.write(`${completionsOf(program, words, types).join('\n')}\n`)
    })
}

const typed = new Set(['get', 'describe', 'delete', 'wait'])

/** What may follow these words, the last of which is unfinished. */
export function completionsOf(
  program: Command,
  words: readonly string[],
  types: readonly string[],
): readonly string[] {
  const last = words.at(-1) ?? ''
  let command = program
  for (const word of words.slice(0, -1)) {
    command = command.commands.find((sub) => sub.name() === word) ?? command
  }
  const candidates = last.startsWith('-')
    ? [...command.options, ...program.options].flatMap(({ long }) => long ?? [])
    : [
        ...command.commands.filter((sub) => !isHidden(sub)).map((sub) => sub.name()),
        ...(typed.has(command.name()) ? types : []),
      ]
  return [...new Set(candidates)].filter((candidate) => candidate.startsWith(last)).sort()
}

function isHidden(command: Command): boolean {
  return command.name() === 'complete-words' || command.name() === 'task-runner'
}

const scripts = {
  bash: `_pulse() {
  local IFS=$'\\n'
  COMPREPLY=($(pulse complete-words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _pulse pulse
`,
  zsh: `#compdef pulse
_pulse() {
  local -a candidates
  candidates=("\${(@f)$(pulse complete-words -- "\${words[@]:1:$((CURRENT - 1))}" 2>/dev/null)}")
  compadd -- $candidates
}
compdef _pulse pulse
`,
} as const
