/**
 * Everything in which 17, 18 and 19 differ, in one table. The times are our own measurements of real
 * Odoo (2 vCPU, PostgreSQL 15, compiled bytecode, warm page cache); they are CPU time, so a slower
 * machine takes longer for the stand-in just as it would for Odoo.
 */
export interface Major {
  readonly number: number
  /** What `server_version` and `--version` answer. */
  readonly version: string
  /** From the start of the process to the first `/web/health`. */
  readonly startMs: number
  /** First registry of a process, up to and including the first page. */
  readonly firstRegistryMs: number
  /** Every further database of the same process. */
  readonly furtherRegistryMs: number
  readonly pageMs: number
  /** Where a browser lands after login. */
  readonly home: string
  readonly signalling: Signalling
  /** Caches that carry a signal of their own, besides the registry. */
  readonly caches: readonly string[]
  /** Version of the browser's websocket worker; another one is told to go away. */
  readonly websocketVersion: string
  /** 17 and 18 expect a value (`--without-demo=all`), 19 takes a plain flag. */
  readonly withoutDemoTakesValue: boolean
  /** 17 counts runs down (`numbercall`) where 18 and 19 record progress rows. */
  readonly cronProgress: boolean
  /** 19 chooses a stateless request's database by `X-Odoo-Database`. */
  readonly databaseHeader: boolean
}

/** How processes tell each other of changes: 17 and 18 by sequences, 19 by the highest id of a table. */
type Signalling = 'sequences' | 'tables'

const majors: readonly Major[] = [
  {
    number: 17,
    version: '17.0',
    startMs: 900,
    firstRegistryMs: 1400,
    furtherRegistryMs: 460,
    pageMs: 14,
    home: '/web',
    signalling: 'sequences',
    caches: ['assets', 'default', 'routing', 'templates'],
    websocketVersion: '17.0-1',
    withoutDemoTakesValue: true,
    cronProgress: false,
    databaseHeader: false,
  },
  {
    number: 18,
    version: '18.0',
    startMs: 800,
    firstRegistryMs: 1400,
    furtherRegistryMs: 530,
    pageMs: 20,
    home: '/odoo',
    signalling: 'sequences',
    caches: ['assets', 'default', 'groups', 'routing', 'templates'],
    websocketVersion: '18.0-5',
    withoutDemoTakesValue: true,
    cronProgress: true,
    databaseHeader: false,
  },
  {
    number: 19,
    version: '19.0',
    startMs: 700,
    firstRegistryMs: 1200,
    furtherRegistryMs: 580,
    pageMs: 18,
    home: '/odoo',
    signalling: 'tables',
    caches: ['assets', 'default', 'groups', 'routing', 'stable', 'templates'],
    websocketVersion: '19.0-5',
    withoutDemoTakesValue: false,
    cronProgress: true,
    databaseHeader: true,
  },
]

/** The major of this name; 18 where none is given. */
export function majorOf(name = '18'): Major {
  const major = majors.find(({ number }) => String(number) === name)
  if (!major) throw new Error(`the stand-in plays Odoo 17, 18 and 19, not ${name}`)
  return major
}

/**
 * The same as a fork of a process that has it loaded: 0.45 s of CPU until its first page, what this process has spent
 * on its own start included. Measured with 18; a Node process cannot be forked, so the saving is only played.
 */
export function asForked(major: Major): Major {
  return { ...major, startMs: 250, firstRegistryMs: 200 }
}
