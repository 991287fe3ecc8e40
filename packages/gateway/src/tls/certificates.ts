import type { SecureContext } from 'node:tls'

/** The certificates of the hosts that are served with TLS. */
export interface Certificates {
  /** For a host in its one spelling (`parseHost`). Undefined: nobody is served at that name, and no other's is shown. */
  find(host: string): SecureContext | undefined | Promise<SecureContext | undefined>
}
