import { type Connection, whileLocked, withConnection } from '../database/administration.ts'
import type { TaskContext } from './task.ts'

/** Works alone among all tasks that use this name, on a connection to the register. */
export async function withLock<T>(
  { administration, signal }: Pick<TaskContext, 'administration' | 'signal'>,
  name: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const database = administration.registerDatabase
  return await withConnection(administration, { database, signal }, (connection) =>
    whileLocked(connection, name, () => work(connection)),
  )
}
