import { emitKeypressEvents } from 'node:readline'

export interface LiveScreen {
  readonly refreshMs: number
  readonly signal: AbortSignal
  /** Looks anew; a throw ends the screen. */
  refresh(): Promise<void>
  /** A key by its name; the answer is whether to go on. */
  press(key: string, lines: number): boolean
  /** As many lines as there are, or fewer. */
  draw(columns: number, lines: number): readonly string[]
}

interface Key {
  readonly name?: string
  readonly sequence?: string
  readonly ctrl?: boolean
}

/** Of the terminal's own (smcup, rmcup), so that what stood there comes back; the cursor is hidden meanwhile. */
const enter = '\u001b[?1049h\u001b[?25l'
const leave = '\u001b[?25h\u001b[?1049l'
const home = '\u001b[H'
const toEndOfLine = '\u001b[K'
const toEndOfScreen = '\u001b[J'

/** A screen that is drawn anew every few seconds and at each key, until a key or the signal ends it. */
export async function showLive({ refreshMs, signal, ...screen }: LiveScreen): Promise<void> {
  const { stdin, stdout } = process
  const over = Promise.withResolvers<void>()
  const size = () => ({ columns: stdout.columns || 80, lines: stdout.rows || 24 })
  const draw = () => {
    const { columns, lines } = size()
    const drawn = screen.draw(columns, lines).slice(0, lines)
    stdout.write(`${home}${drawn.map((line) => line + toEndOfLine).join('\r\n')}${toEndOfScreen}`)
  }
  const onKey = (_text: string | undefined, key: Key) => {
    if (screen.press(nameOf(key), size().lines)) draw()
    else over.resolve()
  }
  const end = () => over.resolve()
  let isLooking = false
  const timer = setInterval(async () => {
    if (isLooking) return
    isLooking = true
    await screen.refresh().then(draw, over.reject)
    isLooking = false
  }, refreshMs)
  signal.addEventListener('abort', end, { once: true })
  stdout.on('resize', draw)
  emitKeypressEvents(stdin)
  stdin.on('keypress', onKey)
  if (stdin.isTTY) stdin.setRawMode(true)
  stdin.resume()
  stdout.write(enter)
  try {
    draw()
    await over.promise
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', end)
    stdout.off('resize', draw)
    stdin.off('keypress', onKey)
    if (stdin.isTTY) stdin.setRawMode(false)
    stdin.pause()
    stdout.write(leave)
  }
}

function nameOf({ name = '', sequence = '', ctrl = false }: Key): string {
  if (ctrl) return `ctrl-${name}`
  if (name === 'return') return 'enter'
  return name === '' ? sequence : name
}
