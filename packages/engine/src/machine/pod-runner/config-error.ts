/** What a container asks for is not there yet; the runner says so in its status and tries again when it may have come. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}
