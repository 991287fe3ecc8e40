import type { Query } from './databases.ts'

/** Inserts one row and answers its id; a pure link has none. */
export type Insert = (table: string, values: Record<string, unknown>) => Promise<number | undefined>

/** Inserts with the log columns where the table has them, and answers the new id. */
export function inserter(query: Query): Insert {
  return async (table, values) => {
    const link = table.endsWith('_rel')
    const row = link ? values : { ...values, create_uid: 1, write_uid: 1 }
    const columns = Object.keys(row).map((name) => `"${name}"`)
    const places = columns.map((_, index) => `$${index + 1}`)
    const dates = link ? '' : ', create_date, write_date'
    const now = link ? '' : `, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'`
    const [inserted] = await query(
      `INSERT INTO ${table} (${columns.join(', ')}${dates}) VALUES (${places.join(', ')}${now})
       ${link ? '' : 'RETURNING id'}`,
      Object.values(row),
    )
    return inserted ? Number(inserted.id) : undefined
  }
}

/** The external id by which Odoo's own code, and ours, finds a record. */
export async function nameRecord(
  insert: Insert,
  name: string,
  model: string,
  id: number | undefined,
) {
  await insert('ir_model_data', { module: 'base', name, model, res_id: id, noupdate: true })
}

/** A translated column's value. */
export function translated(text: string): string {
  return JSON.stringify({ en_US: text })
}
