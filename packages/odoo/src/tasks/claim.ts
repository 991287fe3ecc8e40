import { randomUUID } from 'node:crypto'
import { claimDatabaseName } from '@pulse/api'
import type { Connection } from '../database/administration.ts'
import { ForeignDatabaseError, findByName } from '../database/databases.ts'
import { mustNotBeDropped } from '../database/dropped.ts'
import { markDelivered, mustStand, publish } from '../database/publish.ts'
import { type Claim, findClaim, takeStandby } from '../database/standbys.ts'
import { placeFilestore } from '../filestore/place.ts'
import { discardOwnFiles } from '../templates/install.ts'
import type { ClaimArgs, TemplateClaimArgs } from './claim-args.ts'
import { deliverClaim } from './deliver-claim.ts'
import { fill, templateKey } from './fill.ts'
import { personaliseClaim } from './personalise-claim.ts'
import type { TaskContext } from './task.ts'
import { withLock } from './with-lock.ts'

/**
 * Gives an environment its database and filestore (decision D10): take a standby, make it the owner's, and only then
 * let it into reach. The database's name and the claim's row tell how far it came, so that a killed run goes on.
 */
export async function claim(context: TaskContext, args: ClaimArgs): Promise<void> {
  if (args.source !== 'template' || args.edition === undefined) {
    throw new Error(`environments from source ${args.source} are not made yet: use a template`)
  }
  const withEdition = { ...args, edition: args.edition }
  await withLock(context, claimDatabaseName(args.environmentUid), async (connection) => {
    await mustNotBeDropped(connection, args.environmentUid)
    await claimLocked(context, connection, withEdition)
  })
}

async function claimLocked(
  context: TaskContext,
  connection: Connection,
  args: TemplateClaimArgs,
): Promise<void> {
  const { journal } = context
  const claimName = claimDatabaseName(args.environmentUid)
  const taken =
    (await findClaim(connection, args.environmentUid)) ??
    (await journal.step('take', () => take(context, connection, args)))
  mustHaveModules(taken, args)
  await mustStand(connection, taken)

  if (!taken.published) {
    await journal.step('personalise', () =>
      personaliseClaim(context, connection, { claim: taken, args }),
    )
    // Not beside it: links are made without waiting in between, which would hold up the other.
    await journal.step('filestore', () =>
      placeFilestore(context.filestore, {
        source: taken.filestore,
        target: { claim: args.filestoreClaim, database: args.database },
        key: args.environmentUid,
      }),
    )
    await journal.step('publish', () => publish(connection, taken, { claimName, role: args.role }))
  }
  if (!taken.delivered) {
    await journal.step('deliver', () => deliverClaim(context, taken, args))
    await journal.step('forget', async () => {
      await discardOwnFiles(context.filestore, taken)
      await markDelivered(connection, args.environmentUid)
    })
  }
}

/** A ready standby, else one made now for this environment alone. */
async function take(
  context: TaskContext,
  connection: Connection,
  args: TemplateClaimArgs,
): Promise<Claim> {
  const { environmentUid, database, hosting } = args
  if ((await findByName(connection, database)) !== undefined) {
    throw new ForeignDatabaseError(database)
  }
  const options = {
    environmentUid,
    database,
    claimName: claimDatabaseName(environmentUid),
    template: templateKey(args),
    hosting,
    databaseUuid: randomUUID(),
    standIn: context.runtimes(args.major)?.standIn ?? true,
  }
  const ready = await takeStandby(connection, options)
  if (ready !== undefined) return ready
  await fill(context, { id: environmentUid, edition: args.edition, major: args.major, hosting })
  const made = await takeStandby(connection, options)
  if (made !== undefined) return made
  // Its Job tries again, and then makes another.
  throw new Error(`another environment took the database that was made for ${args.environment}`)
}

/** Installing modules on top of a template needs the runtime and belongs to the upgrade tasks. */
function mustHaveModules(claim: Claim, args: ClaimArgs): void {
  const missing = args.modules.filter((module) => !claim.shape.modules.includes(module))
  if (missing.length === 0) return
  throw new Error(
    `template ${claim.template} lacks the modules ${missing.join(', ')}: import a template that has them`,
  )
}
