import { type Backends, processOf } from './backends.ts'
import type { Life } from './life.ts'

/** What the addresses tell; that nothing is left they cannot tell, only that nothing new is there. */
export function seenBackend({ record, backend }: Life, backends: Backends): Life['backend'] {
  const first = backends.first
  if (first !== undefined) return { status: 'ready', process: processOf(first) }
  if (record.state !== 'down') return { status: 'starting' }
  return backend.status === 'gone' && backends.isEmpty ? backend : { status: 'stopping' }
}

export function isSameBackend(one: Life['backend'], other: Life['backend']): boolean {
  const process = (backend: Life['backend']) =>
    backend.status === 'ready' ? backend.process : undefined
  return one.status === other.status && process(one) === process(other)
}
