import { type Command, Option } from 'commander'
import { CommandError } from '../exit.ts'
import { renderTable } from '../terminal/table.ts'
import type { CommandContext, GlobalFlags } from './context.ts'

interface Flags extends GlobalFlags {
  readonly output: 'table' | 'json'
}

/** `pulse doctor`: what this machine has, what is missing for which feature, and the command that mends it. */
export function addDoctor(program: Command, context: CommandContext) {
  program
    .command('doctor')
    .description('examine this machine: what is missing for which feature, and what mends it')
    .addOption(
      new Option('-o, --output <format>', 'how to show it')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText(
      'after',
      '\nExamples:\n  pulse doctor\n\nMISSING ends with exit code 1; "~" works with limits and leaves it at 0.',
    )
    .action(async (_flags: Flags, command: Command) => {
      const { examineIsolation } = await import('@pulse/engine')
      const { examine } = await import('@pulse/odoo')
      const isRoot = process.getuid?.() === 0
      const findings = await examine({ ...(await examineIsolation()), isRoot })
      if (command.optsWithGlobals<Flags>().output === 'json') {
        context.out.write(`${JSON.stringify(findings)}\n`)
      } else {
        const marks = { ok: 'ok', limited: '~', missing: 'MISSING' } as const
        const rows = findings.map(({ subject, state, detail, feature, remedy }) => [
          subject,
          marks[state],
          feature,
          state === 'ok' ? detail : `${detail}${remedy === undefined ? '' : `: ${remedy}`}`,
        ])
        context.out.write(`${renderTable(['WHAT', 'STATE', 'FOR', 'DETAIL'], rows)}\n`)
        if (findings.some(({ state }) => state === 'limited')) {
          context.out.write('~ works with limits: DETAIL says which, and what lifts them\n')
        }
      }
      const missing = findings.filter(({ state }) => state === 'missing')
      if (missing.length > 0) throw new CommandError(`${missing.length} missing`)
    })
}
