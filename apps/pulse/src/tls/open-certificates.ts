import { readdir } from 'node:fs/promises'
import type { Log } from '@pulse/api'
import { type CertificateFiles, type Certificates, openCertificateFiles } from '@pulse/gateway'
import { ConfigError } from '@pulse/service'
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
  if (config.tlsDir !== undefined) files = await openFiles(config.tlsDir, log)
  return {
    find: (host) => files?.find(host) ?? local?.find(host),
    close: () => files?.close(),
  }
}

/** A folder that is not there is a mistake in the settings; what is amiss in it, the log tells. */
async function openFiles(directory: string, log: Log): Promise<CertificateFiles> {
  try {
    await readdir(directory)
  } catch (error) {
    throw new ConfigError([`PLANA_TLS_DIR: ${reasonOf(error)}`])
  }
  return await openCertificateFiles({ directory, log })
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
