import { isRecord } from '@pulse/api'

const ages = /^(Age|Created At|First Seen|Last Schedule|Last Seen)$/

/** A table by the names of its columns. Descriptions are ours, and an age depends on the moment. */
export function tableView(body: unknown): unknown {
  if (!isRecord(body) || body.kind !== 'Table') return body
  const { columnDefinitions, rows, ...rest } = body
  const columns = Array.isArray(columnDefinitions) ? columnDefinitions : []
  return {
    ...rest,
    columns: Object.fromEntries(
      columns.map(({ name, description, ...column }) => [
        name,
        { ...column, description: typeof description },
      ]),
    ),
    rows: (Array.isArray(rows) ? rows : []).map(({ cells, ...row }) => ({
      ...row,
      cells: Object.fromEntries(
        columns.map(({ name }, index) => [name, cellOf(name, cells[index])]),
      ),
    })),
  }
}

function cellOf(column: string, cell: unknown): unknown {
  return ages.test(column) && typeof cell === 'string' && cell !== '<none>' ? '<age>' : cell
}

/** The same of a watch, whose first event names the columns of all. */
export function tableEvents(events: unknown): unknown {
  if (!Array.isArray(events)) return events
  const first = events.find(({ object }) => object.columnDefinitions?.length > 0)
  return events.map(({ type, object }) => {
    if (object.kind !== 'Table') return { type, object }
    const { columnDefinitions = null } = object
    const known = tableView({ ...object, columnDefinitions: first?.object.columnDefinitions })
    return { type, hasColumns: columnDefinitions?.length > 0, object: known }
  })
}
