import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'

/** What a guarded server answers; `refused` is its X-Pulse-Refused, `runs` what it has called for it. */
export interface GuardAnswer {
  readonly status: number
  readonly refused?: string
  readonly runs?: string
}

/** One request, as its connection carries it, and what comes of it. */
export interface GuardCase {
  /** The word that the list has for who asks. */
  readonly who: string
  readonly identities: readonly string[]
  readonly method: string
  readonly target: string
  readonly isSealed: boolean
  /** Headers that say how long the body is. */
  readonly framing: readonly string[]
  readonly body: string
  readonly answer: GuardAnswer
}

/** Odoo's HTTP port, or its port for WebSockets. */
export type GuardedPort = 'http' | 'gevent'

interface Row {
  readonly who?: readonly string[]
  readonly methods?: readonly string[]
  readonly targets?: readonly string[]
  readonly states?: readonly string[]
  readonly answer: GuardAnswer
}

type Pieces = readonly (readonly [text: string, times: number])[]

interface GuardList {
  readonly visitor: string
  readonly control: string
  readonly who: Readonly<Record<string, readonly string[]>>
  readonly methods: readonly string[]
  readonly targets: Readonly<Record<string, readonly string[]>>
  readonly states: readonly string[]
  readonly rows: readonly Row[]
  readonly singles: readonly (readonly [string, string, string, GuardAnswer])[]
  readonly absoluteForm: { readonly target: string } & Readonly<Record<GuardedPort, GuardAnswer>>
  readonly identities: {
    readonly values: readonly string[]
    readonly target: string
    readonly answer: GuardAnswer
  }
  readonly timeouts: { readonly seconds: Readonly<Record<string, number | null>> }
  readonly cronBodies: { readonly taken: readonly Pieces[]; readonly refused: readonly Pieces[] }
  readonly unframedBodies: { readonly refused: readonly (readonly [string, string])[] }
  readonly unsentBody: {
    readonly announcedBytes: number
    readonly asked: readonly (readonly [string, string, string, GuardAnswer])[]
  }
}

const file = join(import.meta.dirname, '../../../../odoo/tests/guard-cases.json')
export const guardedHost = 'acme.localhost'
const cronBody = JSON.stringify({ database: guardedHost })

/** The list by which the guard itself is tested, case by case: `odoo/tests/guard_cases.py` reads it alike. */
export function guardCases(port: GuardedPort): readonly GuardCase[] {
  const list = readList()
  const caseOf = caseMaker(list)
  const cronOf = (pieces: Pieces, answer: GuardAnswer): GuardCase => {
    const body = pieces.map(([text, times]) => text.repeat(times)).join('')
    const framing = [`Content-Length: ${Buffer.byteLength(body)}`]
    return { ...caseOf('control', 'POST', { target: '/plana/cron', answer }), framing, body }
  }
  const { absoluteForm, identities, cronBodies, unframedBodies, timeouts } = list
  const { target } = absoluteForm
  const ofIdentity = caseOf('nobody', 'GET', identities)
  const ofUnframed = cronOf([], { status: 400 })
  return [
    ...list.rows.flatMap((row) => casesOfRow(list, row)),
    ...list.singles.map(([who, method, at, answer]) => caseOf(who, method, { target: at, answer })),
    caseOf('visitor', 'GET', { target, answer: absoluteForm[port] }),
    ...identities.values.map((value) => ({ ...ofIdentity, identities: [identityOf(list, value)] })),
    ...cronBodies.taken.map((pieces) => cronOf(pieces, { status: 200, runs: 'schedules' })),
    ...cronBodies.refused.map((pieces) => cronOf(pieces, { status: 400 })),
    ...unframedBodies.refused.map(([framing, body]) => ({
      ...ofUnframed,
      framing: framing === '' ? [] : [framing],
      body,
    })),
    ...Object.entries(timeouts.seconds).map(([text, seconds]) =>
      caseOf('control', 'POST', {
        target: `/plana/seal?timeout=${text}`,
        answer: seconds === null ? { status: 400 } : { status: 200, runs: `seal ${seconds}` },
      }),
    ),
  ]
}

/** Those whose body never comes. */
export function guardCasesUnsent(): readonly GuardCase[] {
  const list = readList()
  const caseOf = caseMaker(list)
  const { announcedBytes, asked } = list.unsentBody
  return asked.map(([who, target, state, answer]) => ({
    ...caseOf(who, 'POST', { target, answer }),
    isSealed: state === 'sealed',
    framing: [`Content-Length: ${announcedBytes}`],
    body: '',
  }))
}

/** The words of the list's visitor and of Pulse itself. */
export function guardIdentity(): { readonly visitor: string; readonly control: string } {
  const { visitor, control } = readList()
  return { visitor, control }
}

/** The head of the answer to a case; the answer's end may wait for a body that never comes. */
export async function askGuarded(port: number, asked: GuardCase) {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1')
  const identities = asked.identities.map((value) => `X-Pulse-Backend: ${value}`)
  const start = `${asked.method} ${asked.target} HTTP/1.1`
  const lines = [start, `Host: ${guardedHost}`, 'Connection: close', ...identities]
  socket.write([...lines, ...asked.framing, '', asked.body].join('\r\n'))
  let head = ''
  try {
    for await (const chunk of socket) {
      head += String(chunk)
      if (head.includes('\r\n\r\n')) break
    }
  } finally {
    socket.destroy()
  }
  const [status = '', ...fields] = head.split('\r\n\r\n', 1).join('').split('\r\n')
  const headerOf = (name: string) =>
    fields.find((field) => field.toLowerCase().startsWith(`${name}:`))?.replace(/^[^:]*: */, '')
  return { status: Number(status.split(' ')[1]), headerOf }
}

function readList(): GuardList {
  return JSON.parse(readFileSync(file, 'utf8'))
}

function casesOfRow(list: GuardList, { answer, ...row }: Row): readonly GuardCase[] {
  const caseOf = caseMaker(list)
  const targets = (row.targets ?? Object.keys(list.targets)).flatMap(
    (name) => list.targets[name] ?? [],
  )
  return (row.who ?? Object.keys(list.who)).flatMap((who) =>
    (row.methods ?? list.methods).flatMap((method) =>
      targets.flatMap((target) =>
        (row.states ?? list.states).map((state) => ({
          ...caseOf(who, method, { target, answer }),
          isSealed: state === 'sealed',
        })),
      ),
    ),
  )
}

function caseMaker(list: GuardList) {
  return (
    who: string,
    method: string,
    { target, answer }: Pick<GuardCase, 'target' | 'answer'>,
  ): GuardCase => {
    const body = method === 'POST' ? cronBody : ''
    const identities = (list.who[who] ?? []).map((value) => identityOf(list, value))
    const framing = body === '' ? [] : [`Content-Length: ${body.length}`]
    return { who, identities, method, target, isSealed: false, framing, body, answer }
  }
}

function identityOf({ visitor, control }: GuardList, value: string): string {
  return value.replaceAll('VISITOR', visitor).replaceAll('CONTROL', control)
}
