import { type Answer, html, json, refusal } from './answer.ts'
import { findAttachment, sendAttachment } from './attachments.ts'
import { maximumBodyBytes } from './exchange.ts'
import type { StoredFile } from './filestore.ts'
import { isCsrfToken } from './login.ts'
import { mustHaveRegistry } from './login-routes.ts'
import { collect, type Part, readParts } from './multipart.ts'
import type { Route, Visit } from './route.ts'

export const contentRoutes: readonly Route[] = [
  { path: '/web/content/:id', auth: 'database', answer: answerById },
  { path: '/web/content/:id/*', auth: 'database', answer: answerById },
  { path: '/web/image/:model/:id/:field', auth: 'database', answer: answerImage },
  { path: '/web/image/:id', auth: 'database', answer: answerById },
  { path: '/web/binary/company_logo', auth: 'database', answer: answerLogo },
  { path: '/web/binary/upload_attachment', methods: ['POST'], auth: 'user', answer: answerUpload },
  { path: '/web/assets/*', auth: 'database', answer: answerAsset },
]

async function answerById(visit: Visit) {
  const id = Number.parseInt(visit.parameters.id ?? '', 10)
  if (!Number.isSafeInteger(id))
    return refusal(404, 'The requested URL was not found on the server.')
  return sendAttachment(visit, await findAttachment(mustHaveRegistry(visit), 'id = $1', [id]))
}

async function answerImage(visit: Visit) {
  const { model, id, field } = visit.parameters
  if (model === 'res.company') return answerLogo(visit)
  const condition = 'res_model = $1 AND res_id = $2 AND res_field = $3'
  const values = [model, Number.parseInt(id ?? '', 10) || 0, field]
  return sendAttachment(visit, await findAttachment(mustHaveRegistry(visit), condition, values))
}

/** The company's logo is kept ready for the web in its own row. */
async function answerLogo(visit: Visit): Promise<Answer> {
  const registry = mustHaveRegistry(visit)
  const [row] = await registry.query('SELECT logo_web FROM res_company ORDER BY id LIMIT 1')
  const logo = row?.logo_web
  if (!Buffer.isBuffer(logo)) return picture(Buffer.from(placeholder), 'image/svg+xml')
  return picture(logo, imageType(logo))
}

const placeholder =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="12" fill="#888"/></svg>'

function picture(body: Buffer, type: string): Answer {
  return {
    status: 200,
    headers: [
      ['Content-Type', type],
      ['Cache-Control', 'no-cache'],
    ],
    body,
  }
}

function imageType(bytes: Buffer): string {
  if (bytes.subarray(1, 4).toString('latin1') === 'PNG') return 'image/png'
  if (bytes.readUInt16BE(0) === 0xffd8) return 'image/jpeg'
  return bytes.subarray(0, 4).toString('latin1') === 'RIFF' ? 'image/webp' : 'image/svg+xml'
}

/** Generated bundles lie in the filestore under their address; where none was made, a small one stands in. */
async function answerAsset(visit: Visit): Promise<Answer> {
  const { path } = visit.exchange
  const attachment = await findAttachment(mustHaveRegistry(visit), 'url = $1', [path])
  if (attachment) return sendAttachment(visit, { ...attachment, public: true })
  const type = path.endsWith('.css') ? 'text/css' : 'text/javascript'
  return { status: 200, headers: [['Content-Type', type]], body: '/* stand-in */\n' }
}

/** Takes a form with a file of any size up to Odoo's limit and stores it as an attachment. */
async function answerUpload(visit: Visit): Promise<Answer> {
  const { site, exchange, session } = visit
  const registry = mustHaveRegistry(visit)
  const fields = new Map<string, string>()
  const files: { part: Part; stored: StoredFile }[] = []
  for await (const part of readParts(exchange, maximumBodyBytes)) {
    if (part.fileName === undefined) {
      const value = await collect(part.content)
      fields.set(part.name, value.toString('utf8'))
      continue
    }
    files.push({ part, stored: await site.filestore.add(registry.database, part.content) })
  }
  if (!(await isCsrfToken(registry, session, fields.get('csrf_token') ?? ''))) {
    return refusal(400, 'Session expired (invalid CSRF token)')
  }

  const created = []
  for (const { part, stored } of files) {
    const [row] = await registry.query(
      `INSERT INTO ir_attachment (name, type, mimetype, res_model, res_id, store_fname, checksum,
         file_size, public, create_uid, write_uid, create_date, write_date)
       VALUES ($1, 'binary', $2, $3, $4, $5, $6, $7, false, $8, $8,
         now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC') RETURNING id`,
      [
        part.fileName,
        part.type,
        fields.get('model') || null,
        Number.parseInt(fields.get('id') ?? '', 10) || 0,
        stored.storeName,
        stored.checksum,
        stored.sizeBytes,
        session.content.uid,
      ],
    )
    created.push({
      filename: part.fileName,
      mimetype: part.type,
      id: row?.id,
      size: stored.sizeBytes,
    })
  }
  if (!fields.has('callback')) return json(created)
  return html(
    `<script>window.top[${JSON.stringify(fields.get('callback'))}](${JSON.stringify(created)})</script>`,
  )
}
