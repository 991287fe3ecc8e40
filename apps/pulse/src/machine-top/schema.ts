import Type from 'typebox'

const use = {
  /** Cores, on average since the look before. */
  cpus: Type.Number(),
  memoryBytes: Type.Number(),
  pods: Type.Integer(),
}

/** One that runs, or was asked for in the last minutes. */
const row = Type.Object({
  /** Of the TenantEnvironment; of a pool, its namespace. */
  name: Type.String(),
  /** `pool` for workers that several tenants share: its members have rows without a use of their own. */
  hosting: Type.Union([Type.Literal('instance'), Type.Literal('member'), Type.Literal('pool')]),
  state: Type.String(),
  ...use,
  /** Since the start of the gateway. */
  requests: Type.Integer(),
  /** Epoch milliseconds. */
  lastRequestAt: Type.Optional(Type.Number()),
  /** When it falls asleep if nobody comes, about. */
  sleepsAt: Type.Optional(Type.Number()),
  databaseBytes: Type.Optional(Type.Number()),
})

/** What `pulse top` shows, as one answer of the server. Fields are only ever added. */
export const machineTop = Type.Object({
  /** Epoch milliseconds. */
  at: Type.Number(),
  windowMs: Type.Number(),
  rows: Type.Array(row),
  /** How many environments there are in all, and how many sleep. */
  environments: Type.Integer(),
  asleep: Type.Integer(),
  totals: Type.Object(use),
})

export type MachineTop = Type.Static<typeof machineTop>
export type TopRow = Type.Static<typeof row>
