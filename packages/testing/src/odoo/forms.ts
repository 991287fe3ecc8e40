import { type Exchange, readBody } from './exchange.ts'

const formLimitBytes = 1024 * 1024

/** The fields of an ordinary form; an upload is read as a stream instead. */
export async function readForm(exchange: Exchange): Promise<URLSearchParams> {
  const type = String(exchange.headers['content-type'] ?? '')
  if (!type.startsWith('application/x-www-form-urlencoded')) return new URLSearchParams()
  return new URLSearchParams((await readBody(exchange, formLimitBytes)).toString('utf8'))
}
