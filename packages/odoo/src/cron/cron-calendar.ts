import { type Connection, sqlState } from '../database/administration.ts'
import { insufficientPrivilege, type TenantReader } from '../database/tenant-reader.ts'
import type { CheckedAction } from './checked-actions.ts'
import { checkOf, isDue, type Plan, planOf } from './plan.ts'
import { type PlannedAction, parsePlannedActions, plannedActionsQuery } from './planned-action.ts'

/** Reads schedules from the databases themselves, whether or not an Odoo runs. */
export interface DatabaseCalendar {
  /** Undefined: there is no such database. `now` is epoch milliseconds. */
  read(
    database: string,
    options: { readonly now: number; readonly signal: AbortSignal },
  ): Promise<Plan | undefined>
}

const noSuchDatabase = '3D000'

export function createDatabaseCalendar(reader: TenantReader): DatabaseCalendar {
  return {
    async read(database, { now, signal }) {
      try {
        return await reader.read(database, signal, (inside) => readPlan(inside, now))
      } catch (error) {
        if (sqlState(error) === noSuchDatabase) return undefined
        throw new Error(`cannot read the schedules of ${database}`, { cause: error })
      }
    },
  }
}

async function readPlan(inside: Connection, now: number): Promise<Plan> {
  const actions = parsePlannedActions(await inside.query(plannedActionsQuery))
  return planOf(actions, await findEmpty(inside, actions, now), now)
}

/** Which due actions have nothing to do. What cannot be seen for any reason has work. */
async function findEmpty(
  inside: Connection,
  actions: readonly PlannedAction[],
  now: number,
): Promise<ReadonlySet<number>> {
  const checks = actions.flatMap((action) => {
    const check = isDue(action, now) ? checkOf(action, now) : undefined
    return check === undefined ? [] : [{ id: action.id, check }]
  })
  if (checks.length === 0) return new Set()
  const statement = `SELECT ${checks.map(({ check }, index) => `${existsOf(check)} AS c${index}`).join(', ')}
    FROM (SELECT $1::timestamp AS now) AS moment`
  const utc = new Date(now).toISOString().replace('Z', '')
  const row = await ask(inside, statement, utc)
  return new Set(checks.filter((_, index) => row?.[`c${index}`] === false).map(({ id }) => id))
}

/** Undefined where a table or column is missing, or the time is over. */
async function ask(inside: Connection, statement: string, now: string) {
  await inside.query('SAVEPOINT checks')
  try {
    const [row] = await inside.query(statement, [now])
    return row
  } catch (error) {
    // The right to read is missing: it is given, and all is read again.
    if (sqlState(error) === insufficientPrivilege) throw error
    await inside.query('ROLLBACK TO SAVEPOINT checks')
    return undefined
  }
}

function existsOf({ hasWork }: CheckedAction): string {
  return `EXISTS (${hasWork.replaceAll('{now}', 'moment.now')})`
}
