import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { type BackendIdentity, readIdentity } from './backend-identity.ts'
import { parseCommandLine, UsageError } from './command-line.ts'
import type { Major } from './majors.ts'
import { optionTable } from './option-table.ts'

/** What one run was asked for, after defaults, configuration file and command line, in rising order. */
export interface ServerOptions {
  readonly install: readonly string[]
  readonly update: readonly string[]
  readonly databases: readonly string[]
  readonly dbFilter: string
  readonly listDatabases: boolean
  readonly stopAfterInit: boolean
  readonly http: boolean
  readonly httpInterface: string
  readonly httpPort: number
  readonly geventPort: number
  readonly proxyMode: boolean
  readonly workers: number
  readonly maxCronThreads: number
  readonly limitTimeRealSeconds: number
  readonly websocketKeepAliveSeconds: number
  readonly dataDir: string
  readonly pidFile: string
  readonly logFile: string
  readonly logLevel: string
  readonly serverWideModules: readonly string[]
  readonly connection: ConnectionOptions
  readonly adminPassword: string
  /** What a gateway must send with every request; undefined asks for nothing. */
  readonly identity: BackendIdentity | undefined
  /** The configuration file that was read, if there is one. */
  readonly configFile: string | undefined
}

/** What of the connection is said here; empty parts are left to libpq's environment (PGHOST, …). */
export interface ConnectionOptions {
  readonly host: string
  readonly port: string
  readonly user: string
  readonly password: string
  readonly maximum: number
  readonly template: string
}

const defaults: Readonly<Record<string, string>> = {
  // Odoo listens on every address unless told otherwise; a stand-in that nobody guards must not.
  http_interface: '127.0.0.1',
  http_port: '8069',
  gevent_port: '8072',
  http_enable: 'True',
  list_db: 'True',
  workers: '0',
  max_cron_threads: '2',
  limit_time_real: '120',
  websocket_keep_alive_timeout: '3600',
  db_maxconn: '64',
  db_template: 'template0',
  log_level: 'info',
  server_wide_modules: 'base,web',
  admin_passwd: 'admin',
}

export function parseServerOptions(
  args: readonly string[],
  major: Major,
  environment: NodeJS.ProcessEnv,
): ServerOptions {
  const given = parseCommandLine(args, optionTable(major.withoutDemoTakesValue))
  const configFile = given.get('config') ?? environment.ODOO_RC
  const file = configFile ? readConfigFile(configFile) : new Map<string, string>()

  const text = (key: string): string => {
    const value = given.get(key) ?? file.get(key) ?? defaults[key] ?? ''
    return value === 'False' || value === 'None' ? '' : value
  }
  const number = (key: string): number => {
    const value = Number(text(key))
    if (Number.isSafeInteger(value)) return value
    throw new UsageError(`option ${key}: invalid integer value: '${text(key)}'`)
  }
  const truth = (key: string): boolean => ['true', '1'].includes(text(key).toLowerCase())

  const databases = list(text('db_name'))
  const install = list(given.get('init') ?? '')
  const update = list(given.get('update') ?? '')
  if (databases.length > 1 && install.length + update.length > 0) {
    throw new UsageError('Cannot use -i/--init or -u/--update with several databases')
  }

  return {
    install,
    update,
    databases,
    dbFilter: text('dbfilter'),
    listDatabases: truth('list_db'),
    stopAfterInit: truth('stop_after_init'),
    http: truth('http_enable'),
    httpInterface: text('http_interface'),
    httpPort: number('http_port'),
    geventPort: number('gevent_port'),
    proxyMode: truth('proxy_mode'),
    workers: number('workers'),
    maxCronThreads: number('max_cron_threads'),
    limitTimeRealSeconds: number('limit_time_real'),
    websocketKeepAliveSeconds: number('websocket_keep_alive_timeout'),
    dataDir: resolve(text('data_dir') || join(homedir(), '.local/share/Odoo')),
    pidFile: text('pidfile'),
    logFile: text('logfile'),
    logLevel: text('log_level'),
    serverWideModules: list(text('server_wide_modules')),
    connection: {
      host: text('db_host'),
      port: text('db_port'),
      user: text('db_user'),
      password: text('db_password'),
      maximum: number('db_maxconn'),
      template: text('db_template'),
    },
    adminPassword: text('admin_passwd'),
    identity: readIdentity(environment),
    configFile,
  }
}

/** Reads section `[options]` of an INI file: `key = value`, with `#` and `;` starting a comment line. */
function readConfigFile(path: string): Map<string, string> {
  let section = ''
  const values = new Map<string, string>()
  for (const line of contentOf(path)
    .split('\n')
    .map((text) => text.trim())) {
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue
    const heading = /^\[(.+)\]$/.exec(line)
    if (heading) section = heading[1] ?? ''
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(line)
    if (section === 'options' && pair) values.set(pair[1] ?? '', pair[2] ?? '')
  }
  return values
}

function contentOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    throw new UsageError(
      `The config file '${path}' selected with -c/--config doesn't exist or is not readable`,
    )
  }
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
