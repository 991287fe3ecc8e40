import { speaksTls, type TlsChoice } from './tls/tls-settings.ts'

interface PortNames {
  readonly httpPort: { readonly env: string }
  readonly apiPort: { readonly env: string }
  readonly httpsPort: { readonly env: string }
  readonly metricsPort: { readonly env: string }
}

interface PortConfig extends TlsChoice {
  readonly httpPort?: number | undefined
  readonly apiPort?: number | undefined
  readonly httpsPort: number
  readonly metricsPort?: number | undefined
  readonly metricsHost: string
}

/** Addresses on which a listener is in the way of those on 127.0.0.1. */
const onLoopback: readonly string[] = ['127.0.0.1', '0.0.0.0', '::']

/** Two listeners that were given one port: the second could never open. */
export function portMistakes(names: PortNames, config: PortConfig): readonly string[] {
  const wanted = [
    { env: names.httpPort.env, port: config.httpPort },
    { env: names.apiPort.env, port: config.apiPort },
    { env: names.httpsPort.env, port: speaksTls(config) ? config.httpsPort : undefined },
    {
      env: names.metricsPort.env,
      port: onLoopback.includes(config.metricsHost) ? config.metricsPort : undefined,
    },
  ].filter(({ port }) => port !== undefined)
  return wanted.flatMap((first, index) =>
    wanted
      .slice(index + 1)
      .filter((second) => second.port === first.port)
      .map(
        ({ env, port }) =>
          `${first.env} and ${env}: both are ${port}; each needs a port of its own`,
      ),
  )
}
