import { cpus } from 'node:os'

/** When and where a figure was measured. */
export function measuredOn(): string {
  return `${new Date().toISOString().slice(0, 10)} · ${cpus().length} × ${cpus()[0]?.model.trim()}`
}
