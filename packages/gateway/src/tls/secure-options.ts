import type { TlsOptions } from 'node:tls'
import { parseHost } from '../host.ts'
import type { Certificates } from './certificates.ts'

/**
 * How TLS is spoken with clients. There is no certificate but that of the name that is asked for: a client that names
 * none, or one that is not served, gets an alert (RFC 8446 6.2) and learns of no other name.
 */
export function secureOptions(certificates: Certificates, handshakeTimeout: number): TlsOptions {
  return {
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    honorCipherOrder: true,
    handshakeTimeout,
    SNICallback(name, done) {
      const host = parseHost(name)?.name
      if (host === undefined) return done(null)
      Promise.resolve(certificates.find(host)).then(
        (context) => done(null, context),
        (error: Error) => done(error),
      )
    },
  }
}
