/** One option as its owner's parser knows it: names on the command line, `key` in the configuration file. */
export interface OptionRow {
  readonly names: readonly string[]
  readonly key: string
  readonly kind: 'text' | 'number' | 'on' | 'off'
}

/** The options of `odoo-bin` that the stand-in understands; the rest of its own are accepted and have no effect. */
export function optionTable(withoutDemoTakesValue: boolean): readonly OptionRow[] {
  return [
    text('config', '-c', '--config'),
    text('init', '-i', '--init'),
    text('update', '-u', '--update'),
    { ...text('without_demo', '--without-demo'), kind: withoutDemoTakesValue ? 'text' : 'on' },
    text('pidfile', '--pidfile'),
    text('server_wide_modules', '--load'),
    text('data_dir', '-D', '--data-dir'),
    text('http_interface', '--http-interface', '--xmlrpc-interface'),
    number('http_port', '-p', '--http-port', '--xmlrpc-port'),
    number('gevent_port', '--gevent-port'),
    { names: ['--no-http', '--no-xmlrpc'], key: 'http_enable', kind: 'off' },
    { names: ['--proxy-mode'], key: 'proxy_mode', kind: 'on' },
    text('dbfilter', '--db-filter'),
    text('db_name', '-d', '--database'),
    text('db_user', '-r', '--db_user'),
    text('db_password', '-w', '--db_password'),
    text('db_host', '--db_host'),
    text('db_port', '--db_port'),
    text('db_template', '--db-template'),
    number('db_maxconn', '--db_maxconn'),
    { names: ['--no-database-list'], key: 'list_db', kind: 'off' },
    { names: ['--stop-after-init'], key: 'stop_after_init', kind: 'on' },
    number('workers', '--workers'),
    number('max_cron_threads', '--max-cron-threads'),
    number('limit_time_real', '--limit-time-real'),
    text('log_level', '--log-level'),
    text('logfile', '--logfile'),
    ...ignored,
  ]
}

function text(key: string, ...names: string[]): OptionRow {
  return { names, key, kind: 'text' }
}

function number(key: string, ...names: string[]): OptionRow {
  return { names, key, kind: 'number' }
}

const ignored: readonly OptionRow[] = [
  text('addons_path', '--addons-path'),
  text('upgrade_path', '--upgrade-path'),
  text('pre_upgrade_scripts', '--pre-upgrade-scripts'),
  text('log_handler', '--log-handler'),
  text('log_db', '--log-db'),
  text('log_db_level', '--log-db-level'),
  text('load_language', '--load-language'),
  text('language', '-l', '--language'),
  text('db_sslmode', '--db_sslmode'),
  text('pg_path', '--pg_path'),
  text('dev_mode', '--dev'),
  text('test_tags', '--test-tags'),
  text('smtp_server', '--smtp'),
  number('smtp_port', '--smtp-port'),
  text('smtp_user', '--smtp-user'),
  text('smtp_password', '--smtp-password'),
  text('geoip_city_db', '--geoip-city-db', '--geoip-db'),
  text('geoip_country_db', '--geoip-country-db'),
  number('db_maxconn_gevent', '--db_maxconn_gevent'),
  number('limit_memory_soft', '--limit-memory-soft'),
  number('limit_memory_soft_gevent', '--limit-memory-soft-gevent'),
  number('limit_memory_hard', '--limit-memory-hard'),
  number('limit_memory_hard_gevent', '--limit-memory-hard-gevent'),
  number('limit_time_cpu', '--limit-time-cpu'),
  number('limit_time_real_cron', '--limit-time-real-cron'),
  number('limit_time_worker_cron', '--limit-time-worker-cron'),
  number('limit_request', '--limit-request'),
  number('osv_memory_count_limit', '--osv-memory-count-limit'),
  text('transient_age_limit', '--transient-age-limit'),
  { names: ['--x-sendfile'], key: 'x_sendfile', kind: 'on' },
  { names: ['--unaccent'], key: 'unaccent', kind: 'on' },
  { names: ['--test-enable'], key: 'test_enable', kind: 'on' },
  { names: ['--syslog'], key: 'syslog', kind: 'on' },
  { names: ['--log-web'], key: 'log_web', kind: 'on' },
  { names: ['--log-sql'], key: 'log_sql', kind: 'on' },
  { names: ['--i18n-overwrite'], key: 'overwrite_existing_translations', kind: 'on' },
]
