import { createHash } from 'node:crypto'

/** Bytes that are stored once, however many keep them. */
export interface Body {
  readonly hash: string
  readonly bytes: Buffer
}

/** Tenants made from one template have the same bundles: those take memory once. */
export interface Bodies {
  add(bytes: Buffer): Body
  /** Once for each `add`. */
  release(body: Body): void
  /** Stored in all. */
  readonly bytes: number
}

export function createBodies(): Bodies {
  const stored = new Map<string, { readonly body: Body; uses: number }>()
  let total = 0
  return {
    add(bytes) {
      const hash = createHash('sha256').update(bytes).digest('base64')
      const known = stored.get(hash)
      if (known !== undefined) {
        known.uses += 1
        return known.body
      }
      const body = { hash, bytes }
      stored.set(hash, { body, uses: 1 })
      total += bytes.length
      return body
    },
    release({ hash }) {
      const known = stored.get(hash)
      if (known === undefined) return
      known.uses -= 1
      if (known.uses > 0) return
      stored.delete(hash)
      total -= known.body.bytes.length
    },
    get bytes() {
      return total
    },
  }
}
