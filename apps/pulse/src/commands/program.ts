import { Command } from 'commander'
import { exitCodes } from '../exit.ts'
import { version } from '../version.ts'
import type { CommandContext } from './context.ts'

type Adder = (program: Command, context: CommandContext) => void

/** Each command and where it is defined: only what is called is loaded, since a command should answer at once. */
const groups: Readonly<Record<string, Readonly<Record<string, () => Promise<Adder>>>>> = {
  'This machine:': {
    up: async () => (await import('./up.ts')).addUp,
    down: async () => (await import('./down.ts')).addDown,
    status: async () => (await import('./status.ts')).addStatus,
    top: async () => (await import('./top.ts')).addTop,
    doctor: async () => (await import('./doctor.ts')).addDoctor,
    migrate: async () => (await import('./migrate.ts')).addMigrate,
    kubeconfig: async () => (await import('./kubeconfig.ts')).addKubeconfig,
  },
  'Tenants:': {
    create: async () => (await import('./create.ts')).addCreate,
    open: async () => (await import('./open.ts')).addOpen,
    logs: async () => (await import('./logs.ts')).addLogs,
    wake: async () => (await import('./wake.ts')).addWake,
    sleep: async () => (await import('./sleep.ts')).addSleep,
    suspend: async () => (await import('./suspend.ts')).addSuspend,
    resume: async () => (await import('./suspend.ts')).addResume,
  },
  'Resources:': {
    apply: async () => (await import('./apply.ts')).addApply,
    get: async () => (await import('./get.ts')).addGet,
    describe: async () => (await import('./describe.ts')).addDescribe,
    delete: async () => (await import('./delete.ts')).addDelete,
    wait: async () => (await import('./wait.ts')).addWait,
    render: async () => (await import('./render.ts')).addRender,
  },
  'Odoo:': {
    runtime: async () => (await import('./runtime.ts')).addRuntimeCommands,
    template: async () => (await import('./template.ts')).addTemplateCommands,
  },
  'More:': {
    task: async () => (await import('./task.ts')).addTask,
    'task-runner': async () => (await import('./task-runner.ts')).addTaskRunner,
    completion: async () => (await import('./completion.ts')).addCompletion,
    version: async () => (await import('./version.ts')).addVersion,
  },
}

/**
 * The command line: of the command alone with which the words begin, else all of it. The reference and the completion
 * are made from the whole.
 */
export async function createProgram(
  context: CommandContext,
  words: readonly string[] = [],
): Promise<Command> {
  const program = new Command('pulse')
    .description(
      'Pulse hosts Odoo for many customers: declare a tenant, and a second later it has its own ERP.',
    )
    .version(version, '-V, --version', 'print the version')
    .option('--state <dir>', 'state directory (PLANA_STATE_DIR)')
    .option('--http-port <port>', 'port of the gateway (PLANA_HTTP_PORT)')
    .helpOption('-h, --help', 'show help')
    .showHelpAfterError(`(${context.hint('--help')} shows what there is)`)
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

Exit codes: ${exitCodes.failed} failed, ${exitCodes.usage} wrong use, ${exitCodes.timeout} waited too long, ${exitCodes.notRunning} Pulse is not running, ${exitCodes.interrupted} ended by Ctrl-C`,
    )
    .addHelpText('afterAll', () => nameNote(context))
  const isCalled = Object.values(groups).some((commands) => Object.hasOwn(commands, words[0] ?? ''))
  for (const [title, commands] of Object.entries(groups)) {
    program.commandsGroup(title)
    for (const [name, load] of Object.entries(commands)) {
      if (!isCalled || name === words[0]) (await load())(program, context)
    }
  }
  // Only now: subcommands made before would not throw, but end the process.
  for (const command of program.commands) {
    command.exitOverride()
    for (const nested of command.commands) nested.exitOverride()
  }
  const [first, asked] = words
  if (first === 'help' && asked !== undefined && !isKnown(program, asked)) {
    program.error(`error: unknown command '${asked}'`)
  }
  return program
}

function isKnown({ commands }: Command, word: string): boolean {
  return word === 'help' || word.startsWith('-') || commands.some((one) => one.name() === word)
}

/** The examples say `pulse`: where that is no command line, what stands for it. */
function nameNote({ hint }: CommandContext): string {
  const name = hint('').trim()
  return name === 'pulse' ? '' : `\nIn a checkout, \`pulse\` is \`${name}\`.`
}
