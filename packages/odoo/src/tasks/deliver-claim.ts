import type { Claim } from '../database/standbys.ts'
import { giveBackendKey } from './backend-key.ts'
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
        ...languageNote(claim, args),
      },
    ),
  ]
  if (claim.rolePassword !== undefined) {
    written.push(
      giveBackendKey(context, namespace),
      results.applySecret(
        { namespace, name: args.databaseSecret },
        connectionSecret(args, claim.rolePassword),
      ),
    )
  }
  await Promise.all(written)
}

/** Odoo speaks only languages whose translations are in the database. */
function languageNote({ shape }: Claim, { language }: ClaimArgs): { readonly note?: string } {
  if (shape.languages.includes(language)) return {}
  const known = shape.languages.join(', ')
  return { note: `language ${language} is not in its template, which has ${known}` }
}
