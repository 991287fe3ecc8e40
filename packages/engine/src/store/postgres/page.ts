import { createHash } from 'node:crypto'
import type { Page, PageQuery } from '../backend.ts'
import { expired } from '../refusals.ts'
import type { FieldRequirement, LabelRequirement, Selector } from '../selectors.ts'
import type { Connection } from './connection.ts'
import { cutMember } from './cut-member.ts'
import { numberFrom, type Rows, refFrom } from './rows.ts'

/**
 * One statement, so one snapshot. A later page is the state of the first one's version: of what changed since, the
 * log tells what was there before.
 */
export async function readPage(
  connection: Connection,
  rowReader: Rows,
  query: PageQuery,
): Promise<Page> {
  const { limit, after, selector, kind, apiVersion, isLean } = query
  const values: unknown[] = []
  const add = (value: unknown) => `$${values.push(value)}`
  const asked = after?.version ?? 'now'
  const place = placeIn(query, add)
  const conditions = conditionsOf(selector, add)
  const isCounted = limit !== undefined && after === undefined && conditions.length === 0
  const parts = {
    place,
    conditions: conditions.map((condition) => `AND ${condition}`).join(' '),
    first: `ORDER BY namespace, name ${limit === undefined ? '' : `LIMIT ${add(limit + 1)}`}`,
  }
  const text = `SELECT clock.value, clock.forgotten, page.namespace, page.name, page.object${isLean ? '::text' : ''}
            ${isCounted ? `, (SELECT count(*) FROM object WHERE ${place}) AS total` : ''}
       FROM clock LEFT JOIN LATERAL (
         ${asked === 'now' ? current(parts) : atVersion(parts, add(asked))}
       ) AS page ON true
      ORDER BY page.namespace, page.name`
  const { rows } = await connection.query({ ...nameOf(text, query), text, values })
  const { forgotten, value } = rows[0] ?? {}
  const version = asked === 'now' ? numberFrom(value) : asked
  if (numberFrom(forgotten) > version || numberFrom(value) < version) throw expired()
  const found = rows.flatMap(({ name, namespace, object }) =>
    object === null
      ? []
      : [
          {
            value: isLean ? parseLean(object) : object,
            ref: refFrom({ kind, api_version: apiVersion, namespace, name }),
          },
        ],
  )
  const shown = limit === undefined ? found : found.slice(0, limit)
  const total = isCounted ? numberFrom(rows[0]?.total) : after?.remaining
  const hasMore = found.length > shown.length
  // Of pages as things stand, the count of the first is an estimate.
  const remaining = total === undefined ? undefined : Math.max(total - shown.length, 1)
  // Loops decide by what is not there: of one namespace they get all, or are told why not.
  const { isWhole = query.namespace !== undefined } = query
  const items = rowReader.objects(shown, { isWhole })
  return { items, version, hasMore, remaining: hasMore ? remaining : 0, last: shown.at(-1)?.ref }
}

const managedFields = ['metadata', 'managedFields']

function parseLean(text: unknown): unknown {
  return JSON.parse(cutMember(String(text), managedFields))
}

/**
 * What controllers ask for hundreds of times is planned once in each session. What people ask for has as many forms as
 * there are selectors, and each prepared statement would stay.
 */
function nameOf(text: string, { selector, after }: PageQuery): { readonly name?: string } {
  const { labels, fields } = selector
  if (typeof after?.version === 'number' || fields.length > 0 || labels.length > 2) return {}
  const sum = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return { name: `pulse-list-${sum}` }
}

type Add = (value: unknown) => string

interface PageParts {
  readonly place: string
  /** Of the selectors, each behind an AND. */
  readonly conditions: string
  /** The order of pages, and how many make one. */
  readonly first: string
}

function current({ place, conditions, first }: PageParts): string {
  return `SELECT namespace, name, object FROM object WHERE ${place} ${conditions} ${first}`
}

function placeIn({ kind, apiVersion, namespace, after }: PageQuery, add: Add): string {
  const place = [`kind = ${add(kind)}`, `api_version = ${add(apiVersion)}`]
  if (namespace !== undefined) place.push(`namespace = ${add(namespace)}`)
  if (after) place.push(`(namespace, name) > (${add(after.namespace)}, ${add(after.name)})`)
  return place.join(' AND ')
}

/** Of what has not changed since, the index tells the first ones; of what has, the log knows all, and these are few. */
function atVersion({ place, conditions, first }: PageParts, version: string): string {
  return `SELECT namespace, name, object FROM (
            (SELECT namespace, name, object FROM object
              WHERE ${place} AND version <= ${version} ${conditions} ${first})
            UNION ALL
            SELECT namespace, name, object FROM (
              SELECT DISTINCT ON (namespace, name) namespace, name, previous AS object,
                     coalesce((previous #> '{metadata,labels}')::jsonb, '{}') AS labels
                FROM change
               WHERE ${place} AND version > ${version}
               ORDER BY namespace, name, version
            ) AS before WHERE object IS NOT NULL ${conditions}
          ) AS source ${first}`
}

function conditionsOf(selector: Selector, add: Add): string[] {
  return [
    ...selector.labels.map((requirement) => labelCondition(requirement, add)),
    ...selector.fields.map((requirement) => fieldCondition(requirement, add)),
  ]
}

function labelCondition(requirement: LabelRequirement, add: Add): string {
  const { key } = requirement
  switch (requirement.operator) {
    case 'exists':
      return `labels ? ${add(key)}`
    case 'absent':
      return `NOT labels ? ${add(key)}`
    case 'in':
      // One value: containment, which the index answers.
      return requirement.values.length === 1
        ? `labels @> ${add(JSON.stringify({ [key]: requirement.values[0] }))}::jsonb`
        : `labels ->> ${add(key)} = ANY(${add(requirement.values)}::text[])`
    case 'notin':
      return `NOT coalesce(labels ->> ${add(key)} = ANY(${add(requirement.values)}::text[]), false)`
    case '>':
    case '<': {
      // Nothing else keeps the cast from what is no number.
      const value = `labels ->> ${add(key)}`
      return `CASE WHEN ${value} ~ '^[0-9]{1,15}$'
                   THEN (${value})::bigint ${requirement.operator} ${add(requirement.bound)}::bigint
                   ELSE false END`
    }
  }
}

function fieldCondition({ path, operator, value }: FieldRequirement, add: Add): string {
  return `${fieldText(path, add)} ${operator === '=' ? '=' : '<>'} ${add(value)}`
}

function fieldText(path: readonly string[], add: Add): string {
  if (path.join('.') === 'metadata.name') return 'name'
  if (path.join('.') === 'metadata.namespace') return 'namespace'
  return `coalesce(object #>> ${add(path)}::text[], '')`
}
