import { isIP } from 'node:net'
import { type Config, defineSettings } from '@pulse/service'
import Type from 'typebox'

/** Where metrics and figures are served. */
export const metricsSettings = defineSettings({
  metricsPort: {
    env: 'PLANA_METRICS_PORT',
    schema: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })),
    default: undefined,
    defaultText:
      'that of the last start, which the state directory remembers; at first 9090, or the next free one',
    description: 'port of the Prometheus metrics',
  },
  metricsHost: {
    env: 'PLANA_METRICS_HOST',
    schema: Type.String({ minLength: 1, maxLength: 45 }),
    default: '127.0.0.1',
    description: 'address on which the metrics are served; beyond loopback only with a token',
  },
  metricsToken: {
    env: 'PLANA_METRICS_TOKEN',
    schema: Type.Optional(Type.String({ minLength: 16, maxLength: 512, pattern: '^[!-~]+$' })),
    default: undefined,
    defaultText: 'none: loopback needs none',
    description: 'bearer token that readers of the metrics must show; at least 16 characters',
    secret: true,
  },
})

/** What is wrong with these settings together: the metrics tell who the tenants are. */
export function metricsMistakes({
  metricsHost,
  metricsToken,
}: Pick<Config<typeof metricsSettings>, 'metricsHost' | 'metricsToken'>): readonly string[] {
  if (isIP(metricsHost) === 0) {
    return [`${metricsSettings.metricsHost.env}: must be an IP address`]
  }
  if (metricsToken !== undefined || isLoopback(metricsHost)) return []
  return [
    `${metricsSettings.metricsHost.env}: ${metricsHost} is beyond loopback: set ${metricsSettings.metricsToken.env} too`,
  ]
}

function isLoopback(address: string): boolean {
  return address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))
}
