import type { Burn } from './burn.ts'
import type { Databases } from './databases.ts'
import type { Filestore } from './filestore.ts'
import type { Major } from './majors.ts'
import type { ServerLog } from './server-log.ts'
import type { ServerOptions } from './server-options.ts'
import type { Sessions } from './sessions.ts'

/** What every part of one running stand-in shares; registries are not here, each worker has its own. */
export interface Site {
  readonly major: Major
  readonly options: ServerOptions
  readonly log: ServerLog
  readonly burn: Burn
  readonly databases: Databases
  readonly sessions: Sessions
  readonly filestore: Filestore
}

/** Said in the log and on every page, so that nobody takes the stand-in for Odoo. */
export function standInNotice(major: Major): string {
  return `This is Pulse's stand-in for Odoo ${major.number}, not Odoo itself. Bring the real one with: pulse runtime install ${major.number}`
}
