import { clearLine, type Terminal } from './progress.ts'

/** Prints what the API warns of as kubectl does: each once, in a line of its own beside any progress. */
export function warningPrinter(terminal: Terminal): (text: string) => void {
  const printed = new Set<string>()
  return (text) => {
    if (printed.has(text)) return
    printed.add(text)
    terminal.write(`${terminal.interactive ? clearLine : ''}Warning: ${text}\n`)
  }
}
