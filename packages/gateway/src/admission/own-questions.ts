import { request as send } from 'node:http'
import type { Log } from '@pulse/api'
import type { Clock } from '../clock.ts'
import { identityHeaders, requestHeaders } from '../headers.ts'
import type { Lives } from '../life/lives.ts'
import type { Backend } from '../route-source.ts'
import type { KeptCopies } from '../static/kept-copies.ts'
import { ownQuestions } from '../static/kept-kinds.ts'

/** The address at which visitors know an environment. */
export interface Place {
  /** Host with port. */
  readonly authority: string
  readonly scheme: 'http' | 'https'
}

export interface OwnQuestionsOptions {
  readonly lives: () => Lives
  readonly copies: KeptCopies
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** After a wake: those who wait come first. */
  readonly delayMs: number
  readonly timeoutMs: number
}

/**
 * Asks an environment that woke what is later answered for it while it sleeps. It asks as a stranger, so that what it
 * gets is what anybody gets; it wakes nobody, is no activity, and keeps nobody awake.
 */
export interface OwnQuestions {
  /** Somebody visits it there while it is not awake. */
  visited(environment: string, place: Place): void
  /** It is asked soon, where it was visited. */
  woke(environment: string): void
}

/** Of environments that are being woken; those before them are asked nothing after their wake. */
const placesMax = 1_000

export function createOwnQuestions(options: OwnQuestionsOptions): OwnQuestions {
  const { lives, clock, log, signal } = options
  const places = new Map<string, Place>()

  async function askAll(environment: string, place: Place) {
    for (const target of ownQuestions) {
      // No turn of a request: that would call off a sleep which is being agreed on.
      const backend = signal.aborted ? undefined : lives().ready(environment)
      if (backend === undefined) return
      await ask(backend, { environment, place, target }, options)
    }
  }

  return {
    visited(environment, place) {
      places.delete(environment)
      places.set(environment, place)
      for (const oldest of places.keys()) {
        if (places.size <= placesMax) break
        places.delete(oldest)
      }
    },
    woke(environment) {
      const place = places.get(environment)
      places.delete(environment)
      if (place === undefined || signal.aborted) return
      const cancel = clock.after(options.delayMs, () => {
        signal.removeEventListener('abort', cancel)
        askAll(environment, place).catch((error: unknown) =>
          log.debug({ err: error, environment }, 'own question not answered'),
        )
      })
      signal.addEventListener('abort', cancel, { once: true })
    },
  }
}

interface Question {
  readonly environment: string
  readonly place: Place
  readonly target: string
}

/** Offers the answer to the copies; resolves at its end. */
function ask(
  backend: Backend,
  { environment, place, target }: Question,
  { copies, timeoutMs, signal }: OwnQuestionsOptions,
): Promise<void> {
  const headers = [
    ...requestHeaders([], { ...place, clientAddress: '127.0.0.1' }),
    ...identityHeaders(backend.identity),
  ]
  return new Promise((resolve, reject) => {
    const outgoing = send({
      host: backend.address,
      port: backend.httpPort,
      path: target,
      headers,
      agent: false,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    })
    outgoing.on('error', reject)
    // Of one that switches protocols nothing else is heard.
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy()
      resolve()
    })
    outgoing.on('response', (answer) => {
      const request = { method: 'GET', target, headers: { host: place.authority } }
      const head = { status: answer.statusCode ?? 0, headers: answer.headers }
      const sink = copies.offer(environment, request, head)
      answer.on('data', (chunk: Buffer) => sink?.write(chunk))
      answer.on('error', reject)
      answer.on('close', () => {
        if (answer.complete) sink?.end()
        sink?.abort()
        resolve()
      })
    })
    outgoing.end()
  })
}
