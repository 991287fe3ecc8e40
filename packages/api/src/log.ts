/** What a package needs of a logger: pino's shape, handed in by the app, never imported. Static message, facts as fields. */
export interface Log {
  debug(facts: object, message: string): void
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
  child(facts: Record<string, unknown>): Log
}
