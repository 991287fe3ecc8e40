/** The waiting reasons of Kubernetes for a container that cannot be made yet. */
export type ConfigReason = 'CreateContainerConfigError' | 'ErrImagePull'

/** What a container asks for is not there yet; the runner says so in its status and tries again when it may have come. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly reason: ConfigReason

  constructor(message: string, reason: ConfigReason = 'CreateContainerConfigError') {
    super(message)
    this.reason = reason
  }
}
