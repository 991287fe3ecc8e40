import { once } from 'node:events'
import { createServer } from 'node:net'

/** A loopback address on which PostgreSQL's port is free. */
export async function findAddress(): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const address = `127.${64 + Math.floor(Math.random() * 180)}.${1 + Math.floor(Math.random() * 250)}.2`
    const probe = createServer().listen(5432, address)
    const free = await Promise.race([
      once(probe, 'listening').then(() => true),
      once(probe, 'error').then(() => false),
    ])
    probe.close()
    if (free) return address
  }
  throw new Error('no free loopback address')
}
