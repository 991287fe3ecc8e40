import { readFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const patienceMs = 10_000

/** Resolves when somebody listens at this port, without touching it: a connection could wake what is to sleep. */
export async function untilListening(port: number): Promise<void> {
  // proc_pid_net(5): local address and port in hex, the other end, the state; 0A is LISTEN.
  const listener = new RegExp(`:${port.toString(16).toUpperCase().padStart(4, '0')} \\S+ 0A `)
  const deadline = performance.now() + patienceMs
  while (!listener.test(await readFile('/proc/net/tcp', 'latin1'))) {
    if (performance.now() > deadline) throw new Error(`nobody listens at port ${port}`)
    await delay(10)
  }
}
