import { createSecureContext, type SecureContext } from 'node:tls'
import type { Certificates } from '@pulse/gateway'
import { createHostCertificate } from '../installation/certificates.ts'
import type { KeyAndCertificate } from '../installation/key-pair.ts'

export interface LocalCertificatesOptions {
  readonly authority: KeyAndCertificate
  /** Whether somebody is served at this host: anybody may ask for any name, and each costs a signature. */
  readonly isKnown: (host: string) => boolean
  readonly now: () => Date
}

const hostsMax = 1_000

/** They are valid for over a year; a process that runs longer than this makes new ones. */
const keptMs = 30 * 24 * 60 * 60 * 1000

interface Made {
  readonly context: Promise<SecureContext>
  readonly until: number
}

/** Makes a certificate for each host that is served, signed by this installation's own authority, when it is asked for. */
export function createLocalCertificates(options: LocalCertificatesOptions): Certificates {
  const { authority, isKnown, now } = options
  /** In the order of their last use. */
  const made = new Map<string, Made>()

  async function make(host: string): Promise<SecureContext> {
    const { key, certificate } = await createHostCertificate(authority, host, now())
    return createSecureContext({ key, cert: certificate, minVersion: 'TLSv1.2' })
  }

  function remember(host: string, one: Made): Promise<SecureContext> {
    made.delete(host)
    made.set(host, one)
    const [oldest] = made.keys()
    if (made.size > hostsMax && oldest !== undefined) made.delete(oldest)
    return one.context
  }

  return {
    find(host) {
      if (!isKnown(host)) return undefined
      const known = made.get(host)
      const time = now().getTime()
      if (known !== undefined && time < known.until) return remember(host, known)
      const context = make(host)
      // The next who asks tries again.
      context.catch(() => made.delete(host))
      return remember(host, { context, until: time + keptMs })
    },
  }
}
