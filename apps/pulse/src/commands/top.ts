import { setTimeout as delay } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { CommandError } from '../exit.ts'
import type { MachineTop } from '../machine-top/schema.ts'
import { readRunning } from '../server/running.ts'
import { showLive } from '../terminal/live-screen.ts'
import type { CommandContext, GlobalFlags } from './context.ts'
import { notRunning } from './not-running.ts'
import { linesAround, topScreen } from './top-screen.ts'
import { press, rowsOf, type TopSort, type TopView, topSorts } from './top-view.ts'

interface Flags extends GlobalFlags {
  readonly once?: boolean
  readonly sort: TopSort
  readonly filter: string
  readonly output?: 'json'
}

const refreshMs = 2_000
/** Between two looks where only one picture is shown. */
const onceMs = 1_000
const columnsOfPipes = 80

/** `pulse top`: what runs, what it uses and who asks for it, as it changes. */
export function addTop(program: Command, context: CommandContext) {
  program
    .command('top')
    .description('show what runs now, what it uses and how often it is asked for')
    .option('--once', 'print it once, without a screen of its own; so does a pipe')
    .addOption(new Option('--sort <by>', 'order of rows').choices(topSorts).default('cpu'))
    .option('--filter <text>', 'only names with this in them', '')
    .addOption(new Option('-o, --output <format>', 'json for programs').choices(['json']))
    .addHelpText(
      'after',
      `
Examples:
  pulse top
  pulse top --once --sort memory
  pulse top -o json

Keys: c m r n sort by CPU, memory, requests, name; / filters; arrows, PgUp, PgDn; q ends.
Memory is what a tenant has of its own; tenants of a pool share its row. SLEEP IN is when it
falls asleep if nobody comes. kubectl top pod and kubectl top node tell the same figures.`,
    )
    .action(async (_flags: Flags, command: Command) => {
      await top(command.optsWithGlobals<Flags>(), context)
    })
}

async function top(
  { once = false, sort, filter, output, ...flags }: Flags,
  context: CommandContext,
) {
  const { out, signal } = context
  const config = await context.config(flags)
  if ((await readRunning(config.stateDir)) === undefined) {
    throw notRunning(config.stateDir, context.hint)
  }
  const look = async () => {
    const found = await context.top(config)
    if (found !== undefined) return found
    throw new CommandError('Pulse did not answer in time: see pulse status')
  }
  const first = await look()
  const view: TopView = { sort, filter, isTyping: false, offset: 0 }
  if (!once && output === undefined && out.interactive) {
    return await live({ first, look, view, signal })
  }
  await delay(onceMs, undefined, { signal })
  const next = await look()
  if (output === 'json') {
    const rows = rowsOf(next, first, view)
    return void out.write(`${JSON.stringify({ ...next, rows })}\n`)
  }
  const lines = topScreen({ top: next, before: first, view, columns: columnsOfPipes })
  out.write(`${lines.join('\n')}\n`)
}

interface Live {
  readonly first: MachineTop
  readonly look: () => Promise<MachineTop>
  readonly view: TopView
  readonly signal: AbortSignal
}

async function live({ first, look, view: begin, signal }: Live) {
  let view = begin
  let before: MachineTop | undefined
  let now = first
  await showLive({
    refreshMs,
    signal,
    async refresh() {
      const next = await look()
      before = now
      now = next
    },
    press(key, lines) {
      const next = press(view, key, Math.max(1, lines - linesAround))
      if (next === 'quit') return false
      view = next
      return true
    },
    draw: (columns, lines) =>
      topScreen({ ...{ top: now, before, view, columns }, page: Math.max(1, lines - linesAround) }),
  })
}
