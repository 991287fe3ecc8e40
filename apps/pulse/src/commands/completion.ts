import type { Command } from 'commander'
import { Argument } from 'commander'
import type { CommandContext } from './context.ts'
import { readNames, typedCommands, wantedNames } from './object-names.ts'
import { readTypedLine, type TypedLine } from './typed-line.ts'

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
      const kinds = await context.kinds()
      const line = readTypedLine(program, words)
      const names = await readNames(context, wantedNames(line, kinds), line.options)
      const types = kinds.map(({ plural }) => plural)
      context.out.write(`${completionsOf(program, line, { types, names }).join('\n')}\n`)
    })
}

interface Known {
  readonly types: readonly string[]
  /** Of the objects that may be meant. */
  readonly names: readonly string[]
}

/** What may stand at the cursor. */
export function completionsOf(
  program: Command,
  { command, args, last, awaits }: TypedLine,
  { types, names }: Known,
): readonly string[] {
  const isTypeNext = typedCommands.has(command.name()) && (args[0]?.includes('/') ?? true)
  const candidates = last.startsWith('-')
    ? [...command.options, ...program.options].flatMap(({ long, hidden }) =>
        hidden ? [] : (long ?? []),
      )
    : [
        ...command.commands.filter((sub) => !isHidden(sub)).map((sub) => sub.name()),
        ...(isTypeNext ? types : []),
      ]
  const fitting = awaits === undefined ? [...candidates, ...names] : names
  return [...new Set(fitting)]
    .filter((candidate) => candidate.startsWith(last) && !args.includes(candidate))
    .sort()
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
