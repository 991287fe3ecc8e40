/**
 * What one Odoo environment needs: PostgreSQL on this machine, databases and roles, filestores, templates and
 * runtimes, and the tasks that work on them. It knows no resource and no controller: results leave through the
 * interfaces that are handed in, and only `names.ts` of the API derives a name.
 */
export { createDatabaseCalendar } from './cron/cron-calendar.ts'
export { listenForCronTriggers, type NotificationOptions } from './cron/notifications.ts'
export type { Plan } from './cron/plan.ts'
export { type CronBackend, createPlanaCron } from './cron/plana-cron.ts'
export {
  type Administration,
  type AdministrationOptions,
  type Connection,
  createAdministration,
  withConnection,
} from './database/administration.ts'
export { migrateRegisterBack, registerVersions } from './database/migrate-register.ts'
export { prepareServer } from './database/register.ts'
export {
  listStandingOnServer,
  namesAtWork,
  type Registered,
  readRegistered,
  type StandingOnServer,
} from './database/standing.ts'
export { createTenantReader, type TenantReader } from './database/tenant-reader.ts'
export { type FilestorePlaces, machinePlaces } from './filestore/places.ts'
export { FinalError } from './final-error.ts'
export {
  type KeptParent,
  type KeptParentOptions,
  keepParent,
  type ParentState,
} from './forking/keep-parent.ts'
export type { StepMessage } from './journal.ts'
export {
  adminConnection,
  type ServerConnection,
  socketFolder,
} from './postgres/admin-connection.ts'
export { isPostgresRunning } from './postgres/cluster.ts'
export { examine, type Finding } from './postgres/doctor.ts'
export { openPostgres, type Postgres, type PostgresOptions } from './postgres/open-postgres.ts'
export { type AddRuntimeOptions, addRuntime } from './runtime/add-runtime.ts'
export { checkRuntime } from './runtime/check-runtime.ts'
export { type InstallRuntimeOptions, installRuntime } from './runtime/install-runtime.ts'
export { placeReportPrinters } from './runtime/report-printers.ts'
export {
  commandOf,
  type Runtime,
  type RuntimeCommand,
  type RuntimeLookup,
  type RuntimePurpose,
} from './runtime/runtime.ts'
export {
  installedFolder,
  listRuntimes,
  removeRuntime,
  writeRuntime,
} from './runtime/runtime-files.ts'
export { compileWorkerAddons, placeSeal, placeWorkerAddons } from './runtime/worker-addons.ts'
export { keepStandbys, type LineState, type StandbyDeps, type StandbyLine } from './standby.ts'
export { wantedLines } from './standby-lines.ts'
export { TaskArgsError } from './tasks/parse-args.ts'
export { checkTaskArgs, runTask, type Task, tasks } from './tasks/registry.ts'
export type { ObjectTarget, Results, TaskDeps } from './tasks/task.ts'
export { listTemplates, type Template, type TemplateDetails } from './templates/register.ts'
export { createBusPositions } from './websocket/bus-position.ts'
export { createParkedBus, type ParkedBusOptions } from './websocket/parked-bus.ts'
