import type { IncomingMessage } from 'node:http'
import { createDatabaseScan } from './xmlrpc-database.ts'

export type Scanned =
  | { readonly allowed: true; readonly head: readonly Buffer[] }
  | { readonly allowed: false; readonly reason: string }

/** Reads as much of an XML-RPC call as it takes to know its database. What was read is given back to be sent on. */
export async function scanBody(request: IncomingMessage, database: string): Promise<Scanned> {
  if (request.headers['content-encoding'] !== undefined) {
    return { allowed: false, reason: 'A content encoding is not accepted for XML-RPC.' }
  }
  const scan = createDatabaseScan(database)
  const head: Buffer[] = []
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    head.push(chunk)
    const result = scan.push(chunk)
    if (result.verdict === 'allowed') return { allowed: true, head }
    if (result.verdict === 'refused') return { allowed: false, reason: result.reason }
  }
  const result = scan.end()
  if (result.verdict === 'refused') return { allowed: false, reason: result.reason }
  return { allowed: true, head }
}
