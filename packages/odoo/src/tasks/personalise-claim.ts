import { randomUUID } from 'node:crypto'
import { claimDatabaseName } from '@pulse/api'
import type { Connection } from '../database/administration.ts'
import { asOwner } from '../database/owner-session.ts'
import { personalise } from '../database/personalise.ts'
import type { Claim } from '../database/standbys.ts'
import type { ClaimArgs } from './claim-args.ts'
import type { TaskContext } from './task.ts'

/** Makes a claimed database the owner's, under its claim name: no tenant can reach it yet. */
export async function personaliseClaim(
  { administration, signal }: TaskContext,
  connection: Connection,
  { claim, args }: { readonly claim: Claim; readonly args: ClaimArgs },
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
  const database = claimDatabaseName(args.environmentUid)
  await asOwner(administration, connection, { database, owner: claim.role, signal }, (inside) =>
    inside.query(statements),
  )
}
