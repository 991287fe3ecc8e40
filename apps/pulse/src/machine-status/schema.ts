import Type from 'typebox'

const condition = Type.Object({
  type: Type.String(),
  status: Type.String(),
  reason: Type.String(),
  message: Type.Optional(Type.String()),
})

/** Objects that wait for the same thing. */
const waiting = Type.Object({
  kind: Type.String(),
  /** Type of the condition that is not True. */
  condition: Type.String(),
  reason: Type.String(),
  count: Type.Integer(),
  /** Of the first of them. */
  message: Type.String(),
  /** The first few. */
  names: Type.Array(Type.String()),
})

const standbys = Type.Object({
  /** `basic-18`. */
  template: Type.String(),
  hosting: Type.String(),
  ready: Type.Integer(),
  wanted: Type.Integer(),
  /** Why no more are made now: Filled, Enough, ClaimWaits, DiskNearlyFull, FillFailed. */
  reason: Type.String(),
})

const runtime = Type.Object({
  major: Type.String(),
  version: Type.String(),
  standIn: Type.Boolean(),
  /** Whether instances start as forks of a parent that has this Odoo loaded. */
  forks: Type.Boolean(),
  /** Why they do not. */
  message: Type.Optional(Type.String()),
})

/** Events of type Warning that say the same of objects of one kind, in the last hour. */
const warning = Type.Object({
  reason: Type.String(),
  kind: Type.String(),
  count: Type.Integer(),
  objects: Type.Integer(),
  /** RFC 3339. */
  lastSeen: Type.String(),
  /** Of the newest, and whose it is: `instance-acme/odoo-6c5d8`. */
  object: Type.String(),
  message: Type.String(),
})

/**
 * What the running server tells of itself in one answer. Fields are only ever added: scripts read it
 * (`pulse status -o json`). A part that could not be read in time is absent, and `problems` says why.
 */
export const machineStatus = Type.Object({
  clients: Type.Integer(),
  readyClients: Type.Integer(),
  environments: Type.Integer(),
  readyEnvironments: Type.Integer(),
  creatingEnvironments: Type.Integer(),
  failingEnvironments: Type.Integer(),
  suspendedEnvironments: Type.Integer(),
  deletingEnvironments: Type.Integer(),
  awakeEnvironments: Type.Integer(),
  asleepEnvironments: Type.Integer(),
  runningPods: Type.Integer(),
  /** Deleted tenants whose data is still kept. */
  tombstones: Type.Optional(Type.Integer()),
  waiting: Type.Array(waiting),
  /** How many were not looked at, since so many are not ready. */
  waitingUnread: Type.Integer(),
  postgres: Type.Optional(
    Type.Object({
      serverVersion: Type.String(),
      connections: Type.Integer(),
      maxConnections: Type.Integer(),
      databases: Type.Integer(),
      /** Of Pulse's own database. */
      storeBytes: Type.Integer(),
    }),
  ),
  standbys: Type.Array(standbys),
  runtimes: Type.Array(runtime),
  /** What is enforced on this machine, as its Node says: Isolated, ResourcesEnforced. */
  machine: Type.Array(condition),
  warnings: Type.Array(warning),
  problems: Type.Array(Type.String()),
})

export type MachineStatus = Type.Static<typeof machineStatus>
export type Waiting = Type.Static<typeof waiting>
export type ShownWarning = Type.Static<typeof warning>
