import { randomUUID } from 'node:crypto'
import { claimDatabaseName } from '@pulse/api'
import Type from 'typebox'
import { type Connection, lock, unlock, withConnection } from '../database/administration.ts'
import { ForeignDatabaseError, findByName } from '../database/databases.ts'
import { personalise } from '../database/personalise.ts'
import { markDelivered, mustStand, publish } from '../database/publish.ts'
import { type Claim, findClaim, takeStandby } from '../database/standbys.ts'
import { placeFilestore } from '../filestore/place.ts'
import {
  edition as editionField,
  environmentUid,
  hosting,
  major,
  name,
  port,
  text,
} from './fields.ts'
import { fill, templateKey } from './fill.ts'
import type { TaskContext } from './task.ts'

export const claimArgs = Type.Object({
  environment: name,
  environmentUid,
  client: name,
  name,
  major,
  hosting,
  source: Type.Union([
    Type.Literal('template'),
    Type.Literal('backup'),
    Type.Literal('environment'),
  ]),
  edition: Type.Optional(editionField),
  sourceEnvironment: Type.Optional(name),
  sourceBackup: Type.Optional(text),
  neutralise: Type.Boolean({ default: false }),
  database: name,
  role: name,
  namespace: name,
  credentialsSecret: text,
  databaseSecret: text,
  facts: text,
  postgresHost: text,
  postgresPort: port,
  ownerEmail: text,
  ownerName: text,
  language: text,
  timezone: text,
  currency: text,
  country: Type.Optional(text),
  modules: Type.Array(Type.String(), { default: [] }),
  baseUrl: text,
  reportUrl: Type.Optional(text),
  filestoreClaim: text,
})
export type ClaimArgs = Type.Static<typeof claimArgs>

/**
 * Gives an environment its database and filestore (decision D10): take a standby, make it the owner's, and only then
 * let it into reach. The database's name and the claim's row tell how far it came, so that a killed run goes on.
 */
export async function claim(context: TaskContext, args: ClaimArgs): Promise<void> {
  if (args.source !== 'template' || args.edition === undefined) {
    throw new Error(`environments from source ${args.source} are not made yet: use a template`)
  }
  const { administration, signal } = context
  await withConnection(
    administration,
    administration.registerDatabase,
    async (connection) => {
      await lock(connection, claimDatabaseName(args.environmentUid))
      await claimLocked(context, connection, { ...args, edition: args.edition ?? 'basic' })
      await unlock(connection, claimDatabaseName(args.environmentUid))
    },
    signal,
  )
}

type TemplateClaimArgs = ClaimArgs & { readonly edition: 'basic' | 'pro' }

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
    await Promise.all([
      journal.step('personalise', () => personaliseClaim(context, taken, args)),
      journal.step('filestore', () =>
        placeFilestore(context.filestore, {
          source: taken.filestore,
          target: { claim: args.filestoreClaim, database: args.database },
          key: args.environmentUid,
        }),
      ),
    ])
    await journal.step('publish', () => publish(connection, taken, { claimName, role: args.role }))
  }
  if (!taken.delivered) {
    await journal.step('deliver', () => deliver(context, taken, args))
    await journal.step('forget', () => markDelivered(connection, args.environmentUid))
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
  }
  const ready = await takeStandby(connection, options)
  if (ready !== undefined) return ready
  await fill(context, { id: environmentUid, edition: args.edition, major: args.major, hosting })
  // Another environment may take the one that was just made; then this one makes another.
  const made = (await takeStandby(connection, options)) ?? undefined
  if (made !== undefined) return made
  return take(context, connection, args)
}

/** Installing modules on top of a template needs the runtime and belongs to the upgrade tasks. */
function mustHaveModules(claim: Claim, args: ClaimArgs): void {
  const missing = args.modules.filter((module) => !claim.shape.modules.includes(module))
  if (missing.length === 0) return
  throw new Error(
    `template ${claim.template} lacks the modules ${missing.join(', ')}: import a template that has them`,
  )
}

async function personaliseClaim(
  context: TaskContext,
  claim: Claim,
  args: ClaimArgs,
): Promise<void> {
  const statements = personalise(
    {
      databaseUuid: claim.databaseUuid,
      databaseSecret: randomUUID(),
      signalling: claim.signalling,
      baseUrl: args.baseUrl,
      reportUrl: args.reportUrl ?? args.baseUrl,
      ownerEmail: args.ownerEmail,
      companyName: args.ownerName,
      language: args.language,
      timezone: args.timezone,
      currency: args.currency,
      country: args.country,
    },
    claim.shape,
  )
  await withConnection(
    context.administration,
    claimDatabaseName(args.environmentUid),
    (connection) => connection.query(statements),
    context.signal,
  )
}

async function deliver(context: TaskContext, claim: Claim, args: ClaimArgs): Promise<void> {
  const { results } = context
  const { namespace } = args
  if (claim.adminPassword === undefined) throw new Error('the administrator has no password')
  const written = [
    results.applySecret(
      { namespace, name: args.credentialsSecret },
      { login: args.ownerEmail, password: claim.adminPassword },
    ),
    results.applyConfigMap(
      { namespace, name: args.facts },
      {
        database: args.database,
        databaseUuid: claim.databaseUuid,
        odooVersion: claim.shape.version,
        origin: claim.origin,
      },
    ),
  ]
  if (claim.rolePassword !== undefined) {
    written.push(
      results.applySecret(
        { namespace, name: args.databaseSecret },
        connectionSecret(args, claim.rolePassword),
      ),
    )
  }
  await Promise.all(written)
}

/** What libpq reads from the environment of a worker. */
export function connectionSecret(
  target: { readonly postgresHost: string; readonly postgresPort: number; readonly role: string },
  password: string,
): Readonly<Record<string, string>> {
  return {
    PGHOST: target.postgresHost,
    PGPORT: String(target.postgresPort),
    PGUSER: target.role,
    PGPASSWORD: password,
  }
}
