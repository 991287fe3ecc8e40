import type { Related, RelationQuery } from '../backend.ts'
import type { Connection } from './connection.ts'
import { numberFrom, type Rows, refFrom } from './rows.ts'

/** Objects of all kinds by what relates them; one statement, so one snapshot. */
export async function readRelated(
  connection: Connection,
  rowReader: Rows,
  query: RelationQuery,
): Promise<Related> {
  const { name, where, values } = conditionOf(query)
  const { rows } = await connection.query({
    name,
    text: `SELECT clock.value, found.*
             FROM clock LEFT JOIN (
               SELECT kind, api_version, namespace, name, object FROM object WHERE ${where}
             ) AS found ON true`,
    values,
  })
  const found = rows.flatMap((row) =>
    row.object === null ? [] : [{ value: row.object, ref: refFrom(row) }],
  )
  return {
    // Whoever asks for those of one owner may let it go when there are none.
    items: rowReader.objects(found, { isWhole: !('doubtful' in query) }),
    version: numberFrom(rows[0]?.value),
  }
}

function conditionOf(query: RelationQuery) {
  if ('owner' in query) {
    return { name: 'pulse-owned', where: 'owners @> ARRAY[$1::text]', values: [query.owner] }
  }
  if ('label' in query) {
    const { label, value } = query
    const labels = JSON.stringify({ [label]: value })
    return { name: 'pulse-labelled', where: 'labels @> $1::jsonb', values: [labels] }
  }
  const missing = `EXISTS (
    SELECT 1 FROM unnest(owners) AS owner(uid)
     WHERE NOT EXISTS (SELECT 1 FROM object AS other WHERE other.uid = owner.uid))`
  return { name: 'pulse-doubtful', where: `deleting OR ${missing}`, values: [] }
}
