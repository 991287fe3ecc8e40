import { Command } from 'commander'
import { exitCodes } from '../exit.ts'
import { version } from '../version.ts'
import { addApply } from './apply.ts'
import { addCompletion } from './completion.ts'
import type { CommandContext } from './context.ts'
import { addCreate } from './create.ts'
import { addDelete } from './delete.ts'
import { addDescribe } from './describe.ts'
import { addDoctor } from './doctor.ts'
import { addDown } from './down.ts'
import { addGet } from './get.ts'
import { addKubeconfig } from './kubeconfig.ts'
import { addLogs } from './logs.ts'
import { addOpen } from './open.ts'
import { addRender } from './render.ts'
import { addRuntimeCommands } from './runtime.ts'
import { addStatus } from './status.ts'
import { addTask } from './task.ts'
import { addTemplateCommands } from './template.ts'
import { addUp } from './up.ts'
import { addVersion } from './version.ts'
import { addWait } from './wait.ts'

/** The whole command line; the reference and the completion are made from it. */
export function createProgram(context: CommandContext): Command {
  const program = new Command('pulse')
    .description(
      'Pulse hosts Odoo for many customers: declare a tenant, and a second later it has its own ERP.',
    )
    .version(version, '-V, --version', 'print the version')
    .option('--state <dir>', 'state directory (PLANA_STATE_DIR)')
    .option('--http-port <port>', 'port of the gateway (PLANA_HTTP_PORT)')
    .helpOption('-h, --help', 'show help')
    .showHelpAfterError('(pulse --help shows what there is)')
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: context.out.write,
      writeErr: context.err.write,
    })
    .exitOverride()
    .addHelpText(
      'after',
      `
Examples:
  pulse up                                   start everything on this machine
  pulse create acme --owner ceo@acme.bg      a tenant, ready in about a second
  pulse get planaclients                     all tenants
  pulse delete planaclient acme              its data is kept for a week

Exit codes: ${exitCodes.failed} failed, ${exitCodes.usage} wrong use, ${exitCodes.timeout} waited too long, ${exitCodes.notRunning} Pulse is not running`,
    )
  const groups = {
    'This machine:': [addUp, addDown, addStatus, addDoctor, addKubeconfig],
    'Tenants:': [addCreate, addOpen, addLogs],
    'Resources:': [addApply, addGet, addDescribe, addDelete, addWait, addRender],
    'Odoo:': [addRuntimeCommands, addTemplateCommands],
    'More:': [addTask, addCompletion, addVersion],
  }
  for (const [title, adders] of Object.entries(groups)) {
    program.commandsGroup(title)
    for (const add of adders) add(program, context)
  }
  // Only now: subcommands made before would not throw, but end the process.
  for (const command of program.commands) {
    command.exitOverride()
    for (const nested of command.commands) nested.exitOverride()
  }
  return program
}
