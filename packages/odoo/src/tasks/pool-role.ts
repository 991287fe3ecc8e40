import Type from 'typebox'
import { ensureRoleWith } from '../database/roles.ts'
import { makePassword, scramVerifier } from '../database/secrets.ts'
import { allowLogin } from '../database/statements.ts'
import { giveBackendKey } from './backend-key.ts'
import { connectionSecret } from './connection-secret.ts'
import { major, port, text } from './fields.ts'
import type { TaskContext } from './task.ts'
import { withLock } from './with-lock.ts'

export const poolRoleArgs = Type.Object({
  major,
  role: Type.String({ minLength: 1, maxLength: 63 }),
  namespace: text,
  databaseSecret: text,
  postgresHost: text,
  postgresPort: port,
})
export type PoolRoleArgs = Type.Static<typeof poolRoleArgs>

/** Gives the role of a pool its login; a password that is already in the Secret stays, since workers use it. */
export async function poolRole(context: TaskContext, args: PoolRoleArgs): Promise<void> {
  const { journal, results } = context
  const target = { namespace: args.namespace, name: args.databaseSecret }
  await withLock(context, `pool-role:${args.role}`, async (connection) => {
    const known = (await results.getSecret(target))?.PGPASSWORD
    const password = known === undefined || known === '' ? makePassword() : known
    await journal.step('role', async () => {
      await ensureRoleWith(connection, args.role, await scramVerifier(password))
      await connection.query(allowLogin(args.role, true))
    })
    await journal.step('deliver', () =>
      Promise.all([
        results.applySecret(target, connectionSecret(args, password)),
        giveBackendKey(context, args.namespace),
      ]),
    )
  })
}
