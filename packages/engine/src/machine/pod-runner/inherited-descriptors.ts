import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'

const closeOnExec = 0o2_000_000

/**
 * What to give a child as `stdio` so that nothing of ours is open in it. Node's own descriptors close by themselves;
 * those that Pulse was started with do not, and are covered by the null device.
 */
export function coverDescriptors(): { readonly cover: ('ignore' | number)[]; close(): void } {
  const leaking = readdirSync('/proc/self/fd').map(Number).filter(leaks)
  if (leaking.length === 0) return { cover: [], close: () => {} }
  const nothing = openSync('/dev/null', 'r')
  const length = Math.max(...leaking) - 2
  const cover = Array.from({ length }, (_, index) =>
    leaking.includes(index + 3) ? nothing : ('ignore' as const),
  )
  return { cover, close: () => closeSync(nothing) }
}

function leaks(descriptor: number): boolean {
  if (descriptor < 3) return false
  try {
    const flags = /^flags:\s+([0-7]+)$/m.exec(
      readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8'),
    )
    return flags !== null && (Number.parseInt(flags[1] ?? '', 8) & closeOnExec) === 0
  } catch {
    return false
  }
}
