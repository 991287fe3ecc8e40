import { isOfStandIn, type OdooMajor } from '@pulse/api'

/** One Odoo on this machine that can be started. */
export interface Runtime {
  readonly major: OdooMajor
  /** As `odoo/release.py` says it, `18.0`. */
  readonly version: string
  /** Program and first arguments: the interpreter with `odoo-bin`, or the stand-in. */
  readonly command: readonly [string, ...string[]]
  /** Folder of the source; not there for the stand-in. */
  readonly path?: string | undefined
  readonly addonsPath?: string | undefined
  /** Where bytecode lies when the source cannot be written. */
  readonly bytecode?: string | undefined
  readonly standIn: boolean
}

/** The runtime that serves a major, if there is one. */
export type RuntimeLookup = (major: OdooMajor) => Runtime | undefined

/**
 * Whether what serves a major now can open a database of this version of `base`: what the stand-in made is for the
 * stand-in alone. Where no runtime is known, none says otherwise.
 */
export function canOpen(lookup: RuntimeLookup, major: OdooMajor, version: string): boolean {
  return (lookup(major)?.standIn ?? true) || !isOfStandIn(version)
}

/** Fails when a database of this version came to be while its runtime was replaced by one that cannot open it. */
export function mustStillServe(lookup: RuntimeLookup, major: OdooMajor, version: string): void {
  if (canOpen(lookup, major, version)) return
  throw new Error(`the runtime of Odoo ${major} was replaced while the stand-in made the database`)
}

/** What a runtime is started for; the subcommand must be the first argument of odoo-bin. */
export type RuntimePurpose = 'server' | 'shell' | 'neutralize'

export interface RuntimeCommand {
  readonly file: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** How to start a runtime; secrets go through the environment (`PGPASSWORD`), never through arguments. */
export function commandOf(
  runtime: Runtime,
  purpose: RuntimePurpose,
  args: readonly string[] = [],
): RuntimeCommand {
  const [file, ...first] = runtime.command
  const subcommand = purpose === 'server' ? [] : [purpose]
  const addons = runtime.addonsPath === undefined ? [] : [`--addons-path=${runtime.addonsPath}`]
  const bytecode: Record<string, string> =
    runtime.bytecode === undefined
      ? { PYTHONDONTWRITEBYTECODE: '1' }
      : { PYTHONPYCACHEPREFIX: runtime.bytecode }
  return {
    file,
    args: [...first, ...subcommand, ...addons, ...args],
    env: { ODOO_NOTIFY_CRON_CHANGES: '1', ...bytecode },
  }
}

/** The runtime of a major, or an error that says how to get one. */
export function mustFindRuntime(lookup: RuntimeLookup, major: OdooMajor): Runtime {
  const runtime = lookup(major)
  if (runtime !== undefined) return runtime
  throw new Error(
    `no runtime for Odoo ${major}: pulse runtime add ${major} --path DIR, or pulse runtime install ${major}`,
  )
}
