import { styleText } from 'node:util'

/** Where a person reads: standard output or a test. */
export interface Terminal {
  readonly interactive: boolean
  write(text: string): void
}

export interface Progress {
  /** Begins a step, or says what it does now. */
  step(text: string): void
  /** Ends the running step well. */
  done(text?: string): void
  /** Ends it badly. */
  failed(text: string): void
  /** A line of its own that stays. */
  note(text: string): void
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

/** Begins the terminal's line anew. */
export const clearLine = '\r\u001b[2K'

/** A turning mark with the seconds on a terminal, plain lines anywhere else. */
export function createProgress(terminal: Terminal, now = () => performance.now()): Progress {
  let running: { text: string; readonly since: number; readonly timer?: NodeJS.Timeout } | undefined
  let frame = 0

  const clear = () => terminal.write(clearLine)
  const draw = () => {
    if (!running) return
    frame = (frame + 1) % frames.length
    clear()
    const seconds = ((now() - running.since) / 1000).toFixed(1)
    terminal.write(
      `${styleText('cyan', frames[frame] ?? '')} ${running.text} ${styleText('dim', `${seconds} s`)}`,
    )
  }
  const end = (mark: string, text: string) => {
    if (!running) return terminal.write(`${mark} ${text}\n`)
    clearInterval(running.timer)
    if (terminal.interactive) clear()
    const seconds = ((now() - running.since) / 1000).toFixed(1)
    terminal.write(`${mark} ${text} ${styleText('dim', `(${seconds} s)`)}\n`)
    running = undefined
  }

  return {
    step(text) {
      if (running?.text === text) return
      if (!terminal.interactive) terminal.write(`… ${text}\n`)
      if (running) {
        running.text = text
        return
      }
      if (!terminal.interactive) {
        running = { text, since: now() }
        return
      }
      running = { text, since: now(), timer: setInterval(draw, 80).unref() }
      draw()
    },
    done: (text) => end(styleText('green', '✔'), text ?? running?.text ?? ''),
    failed: (text) => end(styleText('red', '✖'), text),
    note(text) {
      if (running && terminal.interactive) clear()
      terminal.write(`${text}\n`)
    },
  }
}
