/**
 * A well-formed hash that belongs to no password: the derived key is all zeros, and nobody knows what derives it. The
 * database manager is closed anyway (`list_db`); without this line Odoo's default master password is `admin`.
 */
const adminPassword = `$pbkdf2-sha512$25000$${'A'.repeat(22)}$${'A'.repeat(86)}`

/**
 * What no environment may change. The rest stands in the arguments, where an operator sees it, and the database's
 * connection in the environment, which comes from a Secret.
 */
export function odooConf({ databaseConnections }: { databaseConnections: number }): string {
  return [
    '[options]',
    `admin_passwd = ${adminPassword}`,
    'list_db = False',
    'proxy_mode = True',
    `db_maxconn = ${databaseConnections}`,
    '',
  ].join('\n')
}
