/**
 * Ticks at fixed times. A thread of its own, because the timers of an event loop count whole milliseconds, and that is
 * more than what is measured.
 */
import { parentPort, workerData } from 'node:worker_threads'

const { startAt, intervalMs, count } = workerData
const sleeping = new Int32Array(new SharedArrayBuffer(4))
for (let tick = 0; tick < count; tick += 1) {
  const due = startAt + tick * intervalMs
  const wait = due - (performance.timeOrigin + performance.now())
  if (wait > 0) Atomics.wait(sleeping, 0, 0, wait)
  parentPort?.postMessage(due)
}
