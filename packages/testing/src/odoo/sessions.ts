import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What a session remembers; the names are those of Odoo's files, so a folder survives a change of runtime. */
interface SessionContent {
  db?: string
  uid?: number
  login?: string
  session_token?: string
  context?: Record<string, unknown>
}

export interface Session {
  sid: string
  content: SessionContent
  /** Only a changed session reaches the disk. */
  dirty: boolean
  /** The identity before the last renewal; its file goes at the next save. */
  retired: string | undefined
  /** False until it lies on disk: a websocket of such a session has lost it. */
  readonly stored: boolean
}

/** Sessions as files under the data directory: a restart logs nobody out. */
export interface Sessions {
  load(sid: string | undefined): Promise<Session>
  save(session: Session): Promise<void>
}

export function createSessions(dataDir: string): Sessions {
  const folder = join(dataDir, 'sessions')
  const pathOf = (sid: string) => join(folder, sid.slice(0, 2), sid)

  return {
    async load(sid) {
      if (!sid || !isSessionId(sid)) return makeSession(newSessionId(), {}, false)
      const text = await readFile(pathOf(sid), 'utf8').catch(() => undefined)
      return makeSession(sid, contentOf(text), text !== undefined)
    },

    async save(session) {
      if (session.retired) await rm(pathOf(session.retired), { force: true })
      session.retired = undefined
      if (!session.dirty) return

      const path = pathOf(session.sid)
      const draft = `${path}.${randomBytes(6).toString('hex')}`
      await mkdir(join(folder, session.sid.slice(0, 2)), { recursive: true, mode: 0o700 })
      await writeFile(draft, JSON.stringify(session.content), { mode: 0o600 })
      await rename(draft, path)
      session.dirty = false
    },
  }
}

/** A new identity at login and logout, so that a stolen older one is worth nothing. */
export function renewSession(session: Session): void {
  session.retired = session.sid
  session.sid = newSessionId()
  session.dirty = true
}

/** Only what we made is ever used as a file name. */
function isSessionId(text: string): boolean {
  return /^[A-Za-z0-9_-]{84}$/.test(text)
}

function newSessionId(): string {
  const digest = createHash('sha512').update(randomBytes(64)).digest()
  return digest.subarray(0, 63).toString('base64url')
}

function makeSession(sid: string, content: SessionContent, stored: boolean): Session {
  return { sid, content, dirty: false, retired: undefined, stored }
}

function contentOf(text: string | undefined): SessionContent {
  if (text === undefined) return {}
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
