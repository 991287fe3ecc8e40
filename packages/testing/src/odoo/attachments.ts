import type { Answer } from './answer.ts'
import { refusal } from './answer.ts'
import type { Row } from './databases.ts'
import { mustHaveRegistry } from './login-routes.ts'
import type { Registry } from './registries.ts'
import type { Visit } from './route.ts'
import { isLoggedIn } from './users.ts'

/** Finds by a condition on `ir_attachment`; the values are placed as $1, $2, … */
export async function findAttachment(
  registry: Registry,
  condition: string,
  values: readonly unknown[],
): Promise<Row | undefined> {
  const [row] = await registry.query(
    `SELECT id, name, mimetype, store_fname, db_datas, checksum, public, res_field, res_model
     FROM ir_attachment WHERE ${condition} ORDER BY id DESC LIMIT 1`,
    values,
  )
  return row
}

/** Sends an attachment from the filestore; without a login only what is public, and 404 for the rest. */
export async function sendAttachment(visit: Visit, attachment: Row | undefined): Promise<Answer> {
  const registry = mustHaveRegistry(visit)
  if (!attachment) return refusal(404, 'The requested URL was not found on the server.')
  if (!attachment.public && !(await isLoggedIn(registry, visit.session))) {
    return refusal(404, 'The requested URL was not found on the server.')
  }
  const { checksum, store_fname: storeName, db_datas: inline } = attachment
  const headers: [string, string][] = [
    ['Content-Type', String(attachment.mimetype ?? 'application/octet-stream')],
    ['ETag', `"${checksum}"`],
    ['X-Content-Type-Options', 'nosniff'],
    ['Content-Security-Policy', "default-src 'none'"],
  ]
  if (visit.exchange.query.get('download')) {
    const name = encodeURIComponent(String(attachment.name))
    headers.push(['Content-Disposition', `attachment; filename*=UTF-8''${name}`])
  }
  if (visit.exchange.headers['if-none-match'] === `"${checksum}"`) {
    return { status: 304, headers, body: '' }
  }
  if (Buffer.isBuffer(inline)) return { status: 200, headers, body: inline }

  const file = await visit.site.filestore.open(registry.database, String(storeName ?? ''))
  if (!file) return refusal(404, 'The file is not in the filestore.')
  headers.push(['Content-Length', String(file.sizeBytes)])
  return { status: 200, headers, body: file.stream }
}
