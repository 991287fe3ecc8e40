/**
 * What one Odoo environment needs: PostgreSQL on this machine, databases and roles, filestores, templates and
 * runtimes, and the tasks that work on them. It knows no resource and no controller: results leave through the
 * interfaces that are handed in, and only `names.ts` of the API derives a name.
 */
export { openPostgres, type Postgres, type PostgresOptions } from './postgres/open-postgres.ts'
