import { defineSettings } from '@pulse/service'
import Type from 'typebox'

/** How the gateway speaks TLS with clients; with neither certificates nor an authority it does not. */
export const tlsSettings = defineSettings({
  httpsPort: {
    env: 'PLANA_HTTPS_PORT',
    schema: Type.Integer({ minimum: 1, maximum: 65_535 }),
    default: 8443,
    description: 'port of the gateway on loopback for TLS, where PLANA_TLS or PLANA_TLS_DIR is set',
  },
  tls: {
    env: 'PLANA_TLS',
    schema: Type.Union([Type.Literal('off'), Type.Literal('local')]),
    default: 'off',
    description:
      "local: a certificate of this installation's own authority for each host that is served",
  },
  tlsDir: {
    env: 'PLANA_TLS_DIR',
    schema: Type.Optional(Type.String({ minLength: 1 })),
    default: undefined,
    defaultText: 'none',
    description:
      'folder with NAME.crt and NAME.key for each host, _.example.com for any name right below; read again when it changes, and before PLANA_TLS',
  },
})

/** Where certificates come from. */
export interface TlsChoice {
  readonly tls: 'off' | 'local'
  readonly tlsDir?: string | undefined
}

/** Whether a port for TLS is wanted at all. */
export function speaksTls({ tls, tlsDir }: TlsChoice): boolean {
  return tls !== 'off' || tlsDir !== undefined
}
