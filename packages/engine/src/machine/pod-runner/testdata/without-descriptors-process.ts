/** Looks at the process that has started it, with no descriptor left to look with. Prints what it takes it for, as JSON. */
import { openSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { isAlive, statOf } from '../process-table.ts'
import { adoptProcess } from '../run-process.ts'

/** Some looks of whoever has adopted a process. */
const looksMs = 1_000

const parent = statOf(process.ppid)
if (parent === undefined) throw new Error('nobody has started this')
let hasEnded = false
const noteEnd = () => {
  hasEnded = true
}
adoptProcess(parent, new AbortController().signal).exited.then(noteEnd, noteEnd)
const left = errorOf(() => {
  for (;;) openSync('/dev/null', 'r')
})
await delay(looksMs)
process.stdout.write(JSON.stringify({ left, hasEnded, asked: errorOf(() => isAlive(parent)) }))

function errorOf(call: () => unknown): string | undefined {
  try {
    call()
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code
  }
}
