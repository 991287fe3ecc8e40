import { request } from 'node:http'
import type { Backend } from '@pulse/gateway'

/** Whether this very process serves that host's pages; anything but a clear yes is a no. */
export function isProcessReady(
  { address, httpPort }: Backend,
  hostname: string,
  signal: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request({
      host: address,
      port: httpPort,
      path: `/plana/ready?host=${encodeURIComponent(hostname)}`,
      agent: false,
      signal,
    })
    asking.on('response', (answer) => {
      answer.resume()
      resolve(answer.statusCode === 200)
    })
    asking.on('error', () => resolve(false))
    // Of one that switches protocols nothing else is heard.
    asking.on('close', () => resolve(false))
    asking.end()
  })
}
