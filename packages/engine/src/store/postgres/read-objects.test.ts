import { expect, test } from 'vitest'
import { silent } from '../../silent-log.suite.ts'
import type { Connection, Row } from './connection.ts'
import { createReader } from './read-objects.ts'
import { createRows } from './rows.ts'

const refOf = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'one', name })

function objectOf(name: string) {
  const { namespace, ...kind } = refOf(name)
  return { ...kind, metadata: { name, namespace, uid: name, resourceVersion: '1' } }
}

/** Knows the objects of these names, and how many were asked for in each query. */
function connectionWith(known: readonly string[]) {
  const asked: number[] = []
  const connection: Connection = {
    async query(query) {
      const names: unknown = typeof query === 'string' ? [] : query.values?.[3]
      if (!Array.isArray(names)) throw new Error('no names')
      asked.push(names.length)
      const rows = names.flatMap((name, at): Row[] =>
        known.includes(name) ? [{ place: String(at + 1), object: objectOf(name) }] : [],
      )
      return { rows: rows.toReversed() }
    },
  }
  return { connection, asked }
}

test('what is asked for in one moment is one query, and each gets its own', async () => {
  const { connection, asked } = connectionWith(['a', 'c'])
  const read = createReader(connection, createRows(silent))
  const names = ['a', 'b', 'c', 'a']
  const found = await Promise.all(names.map((name) => read(refOf(name))))
  expect(found.map((object) => object?.metadata.name)).toEqual(['a', undefined, 'c', 'a'])
  expect(found[0]).not.toBe(found[3])
  await read(refOf('c'))
  expect(asked).toEqual([4, 1])
})

test('no query grows without bound', async () => {
  const { connection, asked } = connectionWith([])
  const read = createReader(connection, createRows(silent))
  await Promise.all(Array.from({ length: 250 }, (_, at) => read(refOf(`${at}`))))
  expect(asked).toEqual([100, 100, 50])
})

test('a query that fails is everybody’s failure, and the next one is asked anew', async () => {
  const { connection } = connectionWith(['a'])
  let fails = true
  const failing: Connection = {
    query: (text, values) => {
      if (fails) return Promise.reject(new Error('the store is away'))
      return connection.query(text, values)
    },
  }
  const read = createReader(failing, createRows(silent))
  const results = await Promise.allSettled([read(refOf('a')), read(refOf('b'))])
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fails = false
  expect(await read(refOf('a'))).toBeDefined()
})
