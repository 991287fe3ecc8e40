import { randomUUID } from 'node:crypto'
import { claimDatabaseName } from '@pulse/api'
import { withConnection } from '../database/administration.ts'
import { personalise } from '../database/personalise.ts'
import type { Claim } from '../database/standbys.ts'
import type { ClaimArgs } from './claim-args.ts'
import type { TaskContext } from './task.ts'

/** Makes a claimed database the owner's, under its claim name: nobody but the administrator can reach it yet. */
export async function personaliseClaim(
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
  const { administration, signal } = context
  const database = claimDatabaseName(args.environmentUid)
  await withConnection(administration, { database, signal }, (connection) =>
    connection.query(statements),
  )
}
