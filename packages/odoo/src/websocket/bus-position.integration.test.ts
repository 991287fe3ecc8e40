import { createTestDatabase, sql, testPostgres } from '@pulse/testing'
import { expect, test } from 'vitest'
import { createAdministration } from '../database/administration.ts'
import { createBusPositions } from './bus-position.ts'

test('tells the highest id of each bus, of many at once, and nothing of a database without one', async () => {
  const { socketFolder: host, port, user } = testPostgres()
  const server = { host, port }
  const readPosition = createBusPositions(
    createAdministration({ admin: { ...server, user }, tenant: server }),
  )
  await using databases = new AsyncDisposableStack()
  const names: string[] = []
  for (let count = 0; count < 10; count += 1) {
    const { name } = databases.use(await createTestDatabase())
    await sql(name, 'CREATE TABLE bus_bus (id serial)')
    await sql(name, 'INSERT INTO bus_bus SELECT generate_series(1, $1::int)', [count])
    names.push(name)
  }
  const asked = [...names, ...names]
  expect(await Promise.all(asked.map(readPosition))).toEqual([...names.keys(), ...names.keys()])
  const other = databases.use(await createTestDatabase())
  await expect(readPosition(other.name)).rejects.toThrow('bus_bus')
})
