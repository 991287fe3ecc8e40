import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { initials, waitingPage, wakeStatusAnswer } from './waiting-page.ts'
import { waitingTexts } from './waiting-texts.ts'
import { type WakePhase, wakeStatus } from './wake-status.ts'

const waking = {
  state: 'waking',
  startedAtMs: 1_000,
  expectedMs: 4_000,
  phase: 'starting',
  attempt: 1,
} as const
const failed = { state: 'failed', retryAtMs: 31_000 } as const
const page = { wake: waking, nowMs: 2_000, language: 'en', displayName: 'Acme' } as const

describe('the waiting page', () => {
  test('is an answer that nobody keeps, indexes or takes for the real one', () => {
    const { status, headers } = waitingPage(page)
    expect(status).toBe(503)
    expect(headers).toMatchObject({
      'Retry-After': '3',
      'Cache-Control': 'no-store',
      'X-Robots-Tag': 'noindex',
    })
  })

  test('shows how far it is and how long it takes', () => {
    const { body } = waitingPage(page)
    expect(body).toContain('<progress id="bar" max="1" value="0.225" aria-label="Progress">')
    expect(body).toContain('about 3 seconds left')
    expect(body).toContain('role="status" aria-live="polite">Starting…')
  })

  test('says when it takes longer than it should, and which attempt it is', () => {
    const { body } = waitingPage({ ...page, wake: { ...waking, attempt: 2 }, nowMs: 9_000 })
    expect(body).toContain(waitingTexts.en.late)
    expect(body).toContain('Attempt 2.')
  })

  test('says plainly that it failed, why, and when it is tried again', () => {
    const wake = { ...failed, reason: 'A module <could> not be loaded.' }
    const { status, headers, body } = waitingPage({ ...page, wake })
    expect([status, headers['Retry-After']]).toEqual([503, '29'])
    expect(body).toContain('could not be started')
    expect(body).toContain('A module &lt;could&gt; not be loaded.')
    expect(body).toContain('Next attempt in 29 seconds.')
    expect(body).toContain('<noscript><meta http-equiv="refresh" content="30"></noscript>')
  })

  test('a long wait is told in minutes, as people count it', () => {
    const wake = { state: 'limited', retryAtMs: 2_000 + 50 * 60_000 - 1 } as const
    expect(waitingPage({ ...page, wake }).body).toContain('>Next attempt in 50 minutes.<')
    const { body } = waitingPage({ ...page, wake, language: 'bg', nowMs: 50 * 60_000 })
    expect(body).toContain('>Следващ опит след 2 секунди.<')
  })

  test('says that it is being tried again when nobody knows how long that takes', () => {
    const { headers, body } = waitingPage({ ...page, wake: { state: 'failed' }, language: 'bg' })
    expect(headers['Retry-After']).toBe('10')
    expect(body).toContain(waitingTexts.bg.retrying)
  })

  test('loads nothing from elsewhere and asks again without JavaScript', () => {
    const { body, headers } = waitingPage({ ...page, language: 'bg' })
    expect(body).toContain('<html lang="bg">')
    expect(body).toContain('<noscript><meta http-equiv="refresh" content="2"></noscript>')
    expect(body).not.toMatch(/(src|href)="(?!data:|")|https?:/)
    expect(headers['Content-Security-Policy']).toMatch(/^default-src 'none'; script-src 'sha256-/)
    expect(headers['Content-Security-Policy']).not.toContain('unsafe')
  })

  test('shows the logo at hand, and the initials for one that it cannot show', () => {
    const bytes = Buffer.from('png')
    const logo = (mediaType: string, data: Uint8Array) =>
      waitingPage({ ...page, logo: { mediaType, bytes: data } }).body
    expect(logo('image/png', bytes)).toContain('<img src="data:image/png;base64,cG5n" alt="">')
    expect(logo('text/html" onload="x', bytes)).toContain('class="initials"')
    expect(logo('image/png', new Uint8Array(1_000_000))).toContain('class="initials"')
  })

  test('no name or reason injects markup', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const nasty = `<script>"'&${text}`
        const { body } = waitingPage({
          ...page,
          wake: { ...failed, reason: nasty },
          displayName: nasty,
        })
        expect(body.match(/<script/g)).toHaveLength(1)
        expect(body.match(/<b>/g)).toHaveLength(1)
      }),
    )
  })
})

test.each([
  ['Acme', 'A'],
  ['Zlatna Ribka OOD', 'ZO'],
  ['Златна рибка', 'ЗР'],
  ['  «био» — магазин ', 'БМ'],
  ['🙂', '·'],
])('the initials of %s are %s', (name, expected) => {
  expect(initials(name)).toBe(expected)
})

test('progress never goes back while its phases go on, and never pretends to be done', () => {
  const phases: readonly WakePhase[] = ['starting', 'loading', 'almost']
  const steps = fc.array(fc.nat({ max: 3_000 }), { minLength: 3, maxLength: 30 })
  fc.assert(
    fc.property(steps, fc.nat({ max: 30_000 }), (pauses, expectedMs) => {
      let now = waking.startedAtMs
      const seen = pauses.map((pause, at) => {
        now += pause
        const phase = phases[Math.floor((at / pauses.length) * 3)] ?? 'almost'
        return wakeStatus({ ...waking, expectedMs, phase }, now).progress ?? 0
      })
      expect(seen).toEqual(seen.toSorted((a, b) => a - b))
      expect(Math.max(...seen)).toBeLessThan(1)
    }),
  )
})

describe('the status of a wake', () => {
  const bodyOf = (...asked: Parameters<typeof wakeStatusAnswer>) =>
    JSON.parse(wakeStatusAnswer(...asked).body)

  test('tells durations, since clocks differ', () => {
    expect(bodyOf({ ...waking, phase: 'loading' }, 3_000)).toEqual({
      state: 'waking',
      phase: 'loading',
      progress: 0.45,
      etaMs: 2_000,
    })
    expect(bodyOf(waking, 99_000)).toMatchObject({ etaMs: null })
    expect(bodyOf({ ...failed, reason: 'x' }, 1_000)).toEqual({
      state: 'failed',
      retryInMs: 30_000,
      reason: 'x',
    })
    expect(bodyOf({ state: 'limited', retryAtMs: 1 }, 2)).toEqual({
      state: 'limited',
      retryInMs: 0,
    })
    expect(bodyOf({ state: 'ready' }, 0)).toEqual({ state: 'ready' })
  })

  test('is kept by nobody', () => {
    expect(wakeStatusAnswer({ state: 'ready' }, 0).headers['Cache-Control']).toBe('no-store')
  })
})
