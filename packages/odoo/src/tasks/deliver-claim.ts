import type { Claim } from '../database/standbys.ts'
import type { ClaimArgs } from './claim-args.ts'
import { connectionSecret } from './connection-secret.ts'
import type { TaskContext } from './task.ts'

/** Gives the logins and the facts of a published claim to where its composition reads them. */
export async function deliverClaim(
  context: TaskContext,
  claim: Claim,
  args: ClaimArgs,
): Promise<void> {
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
