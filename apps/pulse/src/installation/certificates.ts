// The certificate library's container needs the polyfill before it loads.
import 'reflect-metadata'
import { randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { KeyAndCertificate } from './key-pair.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const day = 24 * 60 * 60 * 1000

/** A certificate authority of this installation alone (RFC 5280), valid for ten years. */
export async function createAuthority(now: Date): Promise<KeyAndCertificate> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      name: 'CN=Pulse local CA',
      keys,
      signingAlgorithm: algorithm,
      serialNumber: randomSerial(),
      notBefore: anHourBefore(now),
      notAfter: new Date(now.getTime() + 3650 * day),
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

/**
 * A server certificate for loopback, signed by the authority and valid as long as it. A shorter life would protect
 * nothing, because the authority's key lies beside this one, and would end while a server runs.
 */
export function createServerCertificate(
  authority: KeyAndCertificate,
  now: Date,
): Promise<KeyAndCertificate> {
  return createCertificate(authority, {
    now,
    names: [
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ],
  })
}

/** As long as browsers take one that a local authority has signed. */
const hostDays = 397

/** A certificate for one host that the gateway serves, made when it is first asked for. */
export function createHostCertificate(
  authority: KeyAndCertificate,
  host: string,
  now: Date,
): Promise<KeyAndCertificate> {
  const notAfter = new Date(now.getTime() + hostDays * day)
  return createCertificate(authority, { now, notAfter, names: [{ type: 'dns', value: host }] })
}

interface CertificateWish {
  readonly now: Date
  /** Unset, it lives as long as the authority. */
  readonly notAfter?: Date
  readonly names: readonly { readonly type: 'dns' | 'ip'; readonly value: string }[]
}

async function createCertificate(
  authority: KeyAndCertificate,
  { now, notAfter, names }: CertificateWish,
): Promise<KeyAndCertificate> {
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ['sign'],
  )
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const issuer = new x509.X509Certificate(authority.certificate)
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: 'CN=pulse',
      issuer: issuer.subject,
      publicKey: keys.publicKey,
      signingKey,
      signingAlgorithm: algorithm,
      serialNumber: randomSerial(),
      notBefore: anHourBefore(now),
      // None outlives its issuer.
      notAfter: notAfter && notAfter < issuer.notAfter ? notAfter : issuer.notAfter,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension([...names]),
      ],
    },
    webcrypto,
  )
  return { key: await exportKey(keys.privateKey), certificate: certificate.toString('pem') }
}

/** Whether a certificate still serves for a year at least: only a start renews it. */
export function isFresh({ certificate }: KeyAndCertificate, now: Date): boolean {
  return Date.parse(new X509Certificate(certificate).validTo) - now.getTime() > 365 * day
}

export function isSignedBy(
  { certificate }: KeyAndCertificate,
  authority: KeyAndCertificate,
): boolean {
  const { publicKey } = new X509Certificate(authority.certificate)
  return new X509Certificate(certificate).verify(publicKey)
}

/** For clocks that differ. */
function anHourBefore(now: Date): Date {
  return new Date(now.getTime() - 60 * 60 * 1000)
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
