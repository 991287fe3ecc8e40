export const defaultHeapMegabytes = 1_024
export const leastHeapMegabytes = 96
export const mostHeapMegabytes = 65_536

/**
 * Starts this process anew with its heap bounded, unless it is: V8 takes the bound at its start alone, and by the
 * environment every child would get it too. The process keeps its id and its standard streams and loses all else, so
 * nothing may be open yet.
 */
export function boundHeap(megabytes: number): void {
  const flags = heapFlags(megabytes)
  const { execPath, execArgv, argv } = process
  if (flags.every((flag) => execArgv.includes(flag))) return
  process.execve?.(execPath, [execPath, ...execArgv, ...flags, ...argv.slice(1)])
}

/**
 * New objects get a share of it, so that a small heap is not outweighed by those that nobody holds any more; but room for
 * what some hundred requests hold between them, or each would outlive its answer.
 */
export function heapFlags(megabytes: number): readonly string[] {
  const newMegabytes = Math.max(8, Math.floor(megabytes / 64))
  return [`--max-old-space-size=${megabytes}`, `--max-semi-space-size=${newMegabytes}`]
}
