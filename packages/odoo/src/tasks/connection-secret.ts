/** What libpq reads from the environment of a worker. */
export function connectionSecret(
  target: { readonly postgresHost: string; readonly postgresPort: number; readonly role: string },
  password: string,
): Readonly<Record<string, string>> {
  return {
    PGHOST: target.postgresHost,
    PGPORT: String(target.postgresPort),
    PGUSER: target.role,
    PGPASSWORD: password,
  }
}
