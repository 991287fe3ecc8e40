/** Ends with the signal at the latest, whatever the work waits for; what the work has begun may still come to pass. */
export async function untilSignal<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  const { promise: over, reject } = Promise.withResolvers<never>()
  const end = () => reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  try {
    return await Promise.race([work(), over])
  } finally {
    signal.removeEventListener('abort', end)
  }
}
