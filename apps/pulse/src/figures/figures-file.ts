import { readFile } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import type { Log } from '@pulse/api'
import { parseJson } from '../installation/json-text.ts'
import { writeFileAtomically } from '../installation/state-directory.ts'
import type { LifeFigures } from './life-figures.ts'
import { type SavedFigures, savedFigures } from './saved-figures.ts'

const saveMs = 60_000
/** Environments that are written down before requests have their turn again; about a millisecond. */
const atOnce = 200

/** What was saved; nothing when it cannot be read: figures are worth no failed start. */
export async function readFigures(path: string): Promise<SavedFigures | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseJson(savedFigures, text)
}

export interface FiguresFile {
  /** Saves the last time. */
  close(): Promise<void>
}

export interface FiguresFileOptions {
  readonly figures: Pick<LifeFigures, 'toSave'>
  readonly log: Log
}

/** Saves once a minute what has changed; what a crash loses is at most that. */
export function keepFigures(path: string, { figures, log }: FiguresFileOptions): FiguresFile {
  let saved = ''
  let saving: Promise<void> | undefined

  async function write() {
    try {
      const text = await textOf(figures)
      if (text === saved) return
      await writeFileAtomically(path, text)
      saved = text
    } catch (error) {
      log.warn({ err: error }, 'figures not saved')
    }
  }

  const timer = setInterval(() => {
    saving ??= write().finally(() => {
      saving = undefined
    })
  }, saveMs)
  return {
    async close() {
      clearInterval(timer)
      await saving
      await write()
    },
  }
}

async function textOf(figures: FiguresFileOptions['figures']): Promise<string> {
  const parts: string[] = []
  for (const [environment, saved] of figures.toSave()) {
    parts.push(`${JSON.stringify(environment)}:${JSON.stringify(saved)}`)
    if (parts.length % atOnce === 0) await breathe()
  }
  return `{"version":1,"environments":{${parts.join(',')}}}`
}
