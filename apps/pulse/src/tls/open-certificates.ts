import type { Log } from '@pulse/api'
import { type CertificateFiles, type Certificates, openCertificateFiles } from '@pulse/gateway'
import { createLocalCertificates, type LocalCertificatesOptions } from './local-certificates.ts'
import { speaksTls, type TlsChoice } from './tls-settings.ts'

export interface OpenCertificatesOptions extends LocalCertificatesOptions {
  readonly config: TlsChoice
  readonly log: Log
}

export interface OpenCertificates extends Certificates {
  close(): void
}

/** The certificates that the settings name: those of files first, then the local authority's. Undefined: no TLS. */
export async function openCertificates(
  options: OpenCertificatesOptions,
): Promise<OpenCertificates | undefined> {
  const { config, log } = options
  if (!speaksTls(config)) return undefined
  const local = config.tls === 'local' ? createLocalCertificates(options) : undefined
  let files: CertificateFiles | undefined
  if (config.tlsDir !== undefined) {
    files = await openCertificateFiles({ directory: config.tlsDir, log })
  }
  return {
    find: (host) => files?.find(host) ?? local?.find(host),
    close: () => files?.close(),
  }
}
