import type { OdooMajor } from '@pulse/api'
import { withConnection } from '../database/administration.ts'
import { failureOf } from '../final-error.ts'
import { ProgramError } from '../program.ts'
import type { TaskContext } from '../tasks/task.ts'
import { runOdoo } from './install.ts'
import { workAccess } from './work-access.ts'

/** What Odoo offers for the purpose: every bundle of the web client and of the login page. */
const program = `env['ir.qweb']._pregenerate_assets_bundles()
env.cr.commit()
`

/**
 * Generates the asset bundles once, so that no tenant's first page pays for them (1.4–7 s). Done by the runtime itself
 * on the unfinished database; without a real one the template works all the same, only its first page is slower.
 */
export async function generateAssets(
  context: TaskContext,
  database: string,
  major: OdooMajor,
): Promise<void> {
  const runtime = context.runtimes(major)
  if (runtime === undefined || runtime.standIn) {
    const reason = runtime === undefined ? `no runtime for Odoo ${major}` : 'the stand-in has none'
    context.log.info({ reason }, 'asset bundles are not generated')
    return
  }
  const { administration, signal } = context
  const access = await withConnection(
    administration,
    { database: administration.registerDatabase, signal },
    (connection) => workAccess(context, connection, database),
  )
  try {
    await runOdoo(context, runtime, {
      database,
      access,
      purpose: 'shell',
      args: [],
      input: program,
    })
  } catch (cause) {
    if (!(cause instanceof ProgramError) || context.signal.aborted) throw cause
    // A runtime that cannot load the template could not serve its tenants either.
    const missing = /No module named '([^']+)'/.exec(cause.output)?.[1]
    const reason =
      missing === undefined
        ? cause.message
        : `the Python package ${missing} is missing: install it for ${runtime.command[0]}`
    throw failureOf(`the runtime of Odoo ${major} cannot load the template: ${reason}`, {
      cause,
      isFinal: missing !== undefined,
    })
  }
}
