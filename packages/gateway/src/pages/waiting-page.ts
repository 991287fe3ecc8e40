import { createHash } from 'node:crypto'
import type { PlainAnswer } from '../plain-answer.ts'
import { escapeHtml, pageStyle } from './page.ts'
import type { Language } from './texts.ts'
import { waitingScript } from './waiting-script.ts'
import { counted, retryIn, type WaitingText, waitingTexts } from './waiting-texts.ts'
import { type WakeState, type WakeStatus, wakeStatus } from './wake-status.ts'

export interface WaitingPageOptions {
  /** There is a page only while there is something to wait for. */
  readonly wake: Extract<WakeState, { readonly state: 'waking' | 'failed' | 'limited' }>
  /** Of the clock of `wake`. */
  readonly nowMs: number
  readonly language: Language
  /** The tenant's name. */
  readonly displayName: string
  /** Only one that the gateway has at hand; else the initials stand there. */
  readonly logo?: Logo
}

export interface Logo {
  readonly mediaType: string
  readonly bytes: Uint8Array
}

/**
 * The waiting page: opens what was asked for by itself, with and without JavaScript, and loads nothing.
 *
 * It is 503 with Retry-After, since that is what it is: browsers show it all the same and keep it nowhere, crawlers come
 * back instead of indexing it, programs do not take it for the answer. Never for a POST: what that carries would be lost.
 */
export function waitingPage(options: WaitingPageOptions): PlainAnswer {
  const status = wakeStatus(options.wake, options.nowMs)
  const waitMs = status.retryInMs ?? status.etaMs ?? refreshMs(status)
  const body = renderWaitingPage(options, status)
  return {
    status: 503,
    headers: {
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      'Content-Language': options.language,
      'Cache-Control': 'no-store',
      'Content-Security-Policy': contentSecurityPolicy,
      'Referrer-Policy': 'same-origin',
      'Retry-After': String(Math.max(1, Math.ceil(waitMs / 1_000))),
      'X-Content-Type-Options': 'nosniff',
      'X-Robots-Tag': 'noindex',
    },
    body,
  }
}

/** The answer to `GET /.pulse/wake`. */
export function wakeStatusAnswer(wake: WakeState, nowMs: number): PlainAnswer {
  const body = JSON.stringify(wakeStatus(wake, nowMs))
  return {
    status: 200,
    headers: {
      'Content-Type': 'application/json',
      'Content-Length': String(Buffer.byteLength(body)),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    },
    body,
  }
}

function renderWaitingPage(
  { wake, language, displayName, logo }: WaitingPageOptions,
  status: WakeStatus,
) {
  const text = waitingTexts[language]
  const { title, lead, hint } = text[wake.state]
  const refreshSeconds = Math.ceil(refreshMs(status) / 1_000)
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title>${title} · ${escapeHtml(displayName)}</title>
<style>${style}</style>
</head>
<body>
<main ${scriptTexts(text, wake.state)}>
<div class="who">${badge(displayName, logo)}<p class="name">${escapeHtml(displayName)}</p></div>
<h1>${title}</h1>
<p>${lead}</p>
${wake.state === 'waking' ? wakingPart(text, status, wake.attempt) : waitPart(text, status)}
<p class="hint">${hint}</p>
</main>
<script>${waitingScript}</script>
</body>
</html>
`
}

/** When a browser without JavaScript asks again: a moment after there may be something else to see. */
function refreshMs({ state, retryInMs }: WakeStatus): number {
  if (state === 'waking') return 2_000
  return retryInMs === undefined ? 10_000 : Math.max(2_000, retryInMs + 1_000)
}

/** The live region changes with the phase only: a countdown read aloud would be a nuisance. */
function wakingPart(
  text: WaitingText,
  { phase = 'starting', progress = 0, etaMs }: WakeStatus,
  attempt: number,
) {
  const left = etaMs ? counted(text.left, Math.ceil(etaMs / 1_000)) : text.late
  const again = attempt > 1 ? `<span> ${text.attempt.replace('{n}', String(attempt))}</span>` : ''
  return `<progress id="bar" max="1" value="${progress}" aria-label="${text.progress}"></progress>
<p class="state"><span id="phase" role="status" aria-live="polite">${text.phases[phase]}</span>${again} <span id="left">${left}</span></p>`
}

function waitPart(text: WaitingText, { retryInMs, reason }: WakeStatus) {
  const next = retryInMs === undefined ? text.retrying : retryIn(text, retryInMs)
  const why =
    reason === undefined
      ? ''
      : `<p class="reason"><b>${text.reason}:</b> ${escapeHtml(reason)}</p>\n`
  return `${why}<p class="state" role="status" aria-live="off"><span id="retry">${next}</span> <a href="">${text.again}</a></p>`
}

/** What the script may have to say, so that it is the same for all languages and its hash a constant. */
function scriptTexts(
  { phases, left, late, retry, retryMinutes }: WaitingText,
  state: string,
): string {
  const texts = {
    state,
    ...phases,
    late,
    'left-one': left.one,
    'left-other': left.other,
    'retry-one': retry.one,
    'retry-other': retry.other,
    'retry-minutes-one': retryMinutes.one,
    'retry-minutes-other': retryMinutes.other,
  }
  return Object.entries(texts)
    .map(([name, value]) => `data-${name}="${escapeHtml(value)}"`)
    .join(' ')
}

function badge(displayName: string, logo: Logo | undefined): string {
  if (logo !== undefined && isShowable(logo)) {
    const data = Buffer.from(logo.bytes).toString('base64')
    return `<img src="data:${logo.mediaType};base64,${data}" alt="">`
  }
  return `<span class="initials" aria-hidden="true">${escapeHtml(initials(displayName))}</span>`
}

const logoBytesMax = 128 * 1024

function isShowable({ mediaType, bytes }: Logo): boolean {
  return /^image\/(png|jpeg|gif|webp|svg\+xml)$/.test(mediaType) && bytes.length <= logoBytesMax
}

/** Of the first and the last word that begin with a letter or a digit. */
export function initials(displayName: string): string {
  const first = displayName.split(/[\s-]+/).flatMap((word) => /[\p{L}\p{N}]/u.exec(word)?.[0] ?? [])
  return [first[0], first.length > 1 ? first.at(-1) : undefined].join('').toUpperCase() || '·'
}

const style = `${pageStyle}
.who{display:flex;align-items:center;gap:.75rem;margin:0 0 1.25rem}
.who .name{margin:0;overflow-wrap:anywhere}
.who img{max-width:9rem;max-height:3rem;object-fit:contain}
.initials{flex:none;display:grid;place-items:center;width:3rem;height:3rem;border-radius:.75rem;background:#5b3df5;color:#fff;font-weight:700}
progress{appearance:none;-webkit-appearance:none;display:block;width:100%;height:.5rem;margin:1.25rem 0 .5rem;border:0;border-radius:1rem;overflow:hidden;background:#8884;accent-color:var(--line)}
progress::-webkit-progress-bar{background:#8884}
progress::-webkit-progress-value{background:var(--line);border-radius:1rem;transition:width .3s linear}
progress::-moz-progress-bar{background:var(--line);border-radius:1rem}
.state{font-variant-numeric:tabular-nums}
#left{display:inline-block;color:var(--soft)}
.reason{padding:.75rem 1rem;border-radius:.5rem;background:#8882;overflow-wrap:anywhere}
a{color:var(--line)}
@media (max-width:26rem){body{padding:1rem}main{padding:1.5rem}h1{font-size:1.25rem}}
@media (prefers-reduced-motion:reduce){progress::-webkit-progress-value{transition:none}}`

/** By hash: the page has this one script and this one style, and whatever a name might smuggle in does not run. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `script-src ${hashOf(waitingScript)}`,
  `style-src ${hashOf(style)}`,
  'img-src data:',
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ')

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
