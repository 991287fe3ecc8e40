import type { Api, Reply, Request } from './api.suite.ts'
import { parseReply } from './outcome.suite.ts'

/** Calls that build on each other, made in order on either server, in a namespace of their own. */
export interface Story {
  /** The namespace's name too. */
  readonly name: string
  readonly rows: readonly Row[]
}

/** One call, and what is compared of its answers. */
export interface Row {
  readonly title: string
  readonly call: Request | ((seen: Seen) => Request)
  /** The part of the body that is judged; all of it when nothing is said. */
  readonly view?: (body: unknown) => unknown
}

/** What one server has answered so far: for versions, uids and tokens that only it knows. */
export interface Seen {
  /** The body of the row with this title. */
  body(title: string): unknown
  /** A value deep inside it, as text. */
  text(title: string, ...path: readonly (string | number)[]): string
  header(title: string, name: string): string
}

/** Makes the calls of a story and hands each answer on. */
export async function play({ rows }: Story, api: Api): Promise<ReadonlyMap<string, Reply>> {
  const replies = new Map<string, Reply>()
  const seen = seenIn(replies)
  for (const { title, call } of rows) {
    if (replies.has(title)) throw new Error(`two rows are called ${title}`)
    replies.set(title, await api.send(typeof call === 'function' ? call(seen) : call))
  }
  return replies
}

function seenIn(replies: ReadonlyMap<string, Reply>): Seen {
  const replyOf = (title: string) => {
    const reply = replies.get(title)
    if (!reply) throw new Error(`no row before this one is called ${title}`)
    return reply
  }
  const body = (title: string) => parseReply(replyOf(title))
  return {
    body,
    text: (title, ...path) => String(path.reduce(memberOf, body(title)) ?? ''),
    header: (title, name) => String(replyOf(title).headers[name] ?? ''),
  }
}

function memberOf(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
