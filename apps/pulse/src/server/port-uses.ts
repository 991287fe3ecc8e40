import { settings } from '../config.ts'
import {
  NoAddressError,
  noAddress,
  PortTakenError,
  type PortUse,
} from '../installation/free-port.ts'

/** Every port that Pulse itself listens on. */
export const portUses = {
  http: { use: 'gateway', setting: settings.httpPort.env },
  https: { use: 'TLS', setting: settings.httpsPort.env },
  api: { use: 'API', setting: settings.apiPort.env },
  metrics: {
    use: 'metrics',
    setting: settings.metricsPort.env,
    hostSetting: settings.metricsHost.env,
  },
} as const satisfies Readonly<Record<string, PortUse>>

/**
 * Listens there. A port was looked at before anything started; who has taken it since is told of in the same words, for
 * every port alike.
 */
export async function listenOn<T>(
  use: PortUse,
  port: number,
  listen: (port: number) => Promise<T>,
): Promise<T> {
  try {
    return await listen(port)
  } catch (error) {
    if (error instanceof Error && 'code' in error) {
      if (error.code === 'EADDRINUSE') throw new PortTakenError(use, port)
      if (error.code === noAddress) throw new NoAddressError(use, addressIn(error))
    }
    throw error
  }
}

function addressIn(error: Error): string {
  return 'address' in error ? String(error.address) : 'what was asked for'
}
