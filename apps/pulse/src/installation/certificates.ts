// The certificate library's container needs the polyfill before it loads.
import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 24 * 60 * 60 * 1000

export interface KeyAndCertificate {
  /** PEM, PKCS #8. */
  readonly key: string
  /** PEM, X.509. */
  readonly certificate: string
}

/** A certificate authority of this installation alone (RFC 5280), valid for ten years. */
export async function createAuthority(now: Date): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Pulse local CA',
      keys,
      signingAlgorithm: algorithm,
      serialNumber: randomSerial(),
      ...validity(now, 3650),
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(
          x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
          true,
        ),
      ],
    },
    webcrypto,
  )
  return { key: await exportKey(keys.privateKey), certificate: certificate.toString('pem') }
}

/** A server certificate for loopback, signed by the authority, valid for one year. */
export async function createServerCertificate(
  authority: KeyAndCertificate,
  now: Date,
): Promise<KeyAndCertificate> {
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ['sign'],
  )
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: 'CN=pulse',
      issuer: new x509.X509Certificate(authority.certificate).subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      serialNumber: randomSerial(),
      ...validity(now, 365),
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: 'localhost' },
          { type: 'ip', value: '127.0.0.1' },
        ]),
      ],
    },
    webcrypto,
  )
  return { key: await exportKey(keys.privateKey), certificate: certificate.toString('pem') }
}

/** Whether a certificate still serves for at least thirty days. */
export function isFresh(certificate: string, now: Date): boolean {
  return new x509.X509Certificate(certificate).notAfter.getTime() - now.getTime() > 30 * day
}

function validity(now: Date, days: number) {
  // An hour back, for clocks that differ.
  return {
    notBefore: new Date(now.getTime() - 60 * 60 * 1000),
    notAfter: new Date(now.getTime() + days * day),
  }
}

/** Positive and at most 20 octets (RFC 5280 4.1.2.2). */
function randomSerial(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0] ?? 0) & 0x7f
  return bytes.toString('hex')
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')
}
