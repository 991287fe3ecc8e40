/** `npm run bench:scale`: what Pulse does with many of something. See `--help`. */

import { measureApplies } from './bench/applies/applies.ts'
import { type KeyedTable, writeRows } from './bench/benchmarks-page.ts'
import { readFlags } from './bench/flags.ts'
import { measureFleet } from './bench/fleet/fleet.ts'
import { measureParked } from './bench/gateway/parked.ts'
import { markdownTable } from './bench/markdown-table.ts'
import { measureKnown } from './bench/scale/known.ts'
import { measureRaces } from './bench/scale/races.ts'

const flags = readFlags(
  `npm run bench:scale -- [flags]: Pulse with many of something

  --what LIST     of parked, races, known (these three), fleet, applies
  --sockets N     parked: sockets, of 100 tenants; each half of them wakes once and sleeps again (10000)
  --sleeps N      races: so many sleeps in process, with a clock moved by hand (100000)
  --seed N        races: the first seed; each seed has 2,500 sleeps (1)
  --tenants N     known: tenants in the store (10000)
  --awake N       known: so many of them are awake (100)
  --heap N        known: PLANA_HEAP_MAX_MEGABYTES of the gateway (256)
  --applies N     applies: ConfigMaps that are applied to each server (2000)
  --sizes LIST    fleet: sleeping instances in the store of a Pulse that is started (100,1000,10000)
  --write         puts the rows into docs/benchmarks.md, each table under a heading of its own

  npm run bench:scale -- --write
  npm run bench:scale -- --what races --sleeps 100000 --seed 41 --write
  npm run bench:scale -- --what fleet --sizes 100,1000
  npm run bench:scale -- --what parked,known --sockets 1000 --tenants 1000`,
  {
    what: { type: 'string', default: 'parked,races,known' },
    sockets: { type: 'string', default: '10000' },
    sleeps: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    tenants: { type: 'string', default: '10000' },
    awake: { type: 'string', default: '100' },
    heap: { type: 'string', default: '256' },
    sizes: { type: 'string', default: '100,1000,10000' },
    applies: { type: 'string', default: '2000' },
    write: { type: 'boolean', default: false },
  },
)

interface Scale {
  readonly title: string
  readonly intro: string
  measure(): Promise<KeyedTable>
}

const scales: Readonly<Record<string, Scale>> = {
  parked: {
    title: 'Parked WebSockets',
    intro:
      'Sockets that stay open at the gateway while all of their tenants sleep, wake and sleep again: memory of the gateway’s process for each, beside what it takes without them. "Compacted": once V8 has given back what it does not need.',
    measure: () => measureParked(Number(flags.sockets)),
  },
  races: {
    title: 'Races around sleeps',
    intro:
      'Requests that come around the moments of sleep: the protocol, queue and shell that serve, in process and with a clock moved by hand, one to three gateways, a third of the seeds with gateways that lose sight of the store at times. "Lost": what neither was served nor had left. With real processes: `npm run bench:sleeps`.',
    measure: () => measureRaces(Number(flags.sleeps), Number(flags.seed)),
  },
  fleet: {
    title: 'A whole Pulse with many tenants',
    intro:
      'A Pulse that is started with so many instances in its store, all asleep, as its own controllers have left them: until tenants are served; until all are reconciled (no controller has had anything in line for 5 s); and at rest, once their schedules have been read, too. Then `kubectl get` of all clients, in pages of 500 as it asks for them (the median of 3), and the time from a change of one of them until each of 100 watchers has heard of it, all of them connections of one process. Their databases are not there: nobody wakes. PostgreSQL runs before.',
    measure: () => measureFleet(flags.sizes.split(',').map(Number)),
  },
  applies: {
    title: 'Applies',
    intro:
      'Server-side applies of ConfigMaps of 600 bytes over HTTPS, eight at a time: by this API over its stores, and by a real kube-apiserver 1.35 with etcd, one after the other on the same machine. None of them waits for a disk: fsync is off in PostgreSQL and in etcd.',
    measure: () => measureApplies(Number(flags.applies)),
  },
  known: {
    title: 'Tenants that are known',
    intro:
      'A gateway over the store in PostgreSQL, as `pulse up` opens it, in a process of its own: with nobody but those who are awake, and with all. The first 10 visits of each who is awake come before.',
    measure: () =>
      measureKnown({
        tenants: Number(flags.tenants),
        awake: Number(flags.awake),
        heapMegabytes: Number(flags.heap),
      }),
  },
}

for (const name of flags.what.split(',')) {
  const scale = scales[name]
  if (scale === undefined) throw new Error(`--what knows ${Object.keys(scales)}, not ${name}`)
  const { title, intro } = scale
  const table = await scale.measure()
  console.log(`${title}\n\n${markdownTable(table.head, table.rows)}\n`)
  const written = `${intro} Written by \`npm run bench:scale -- --what ${name} --write\`.`
  if (flags.write) writeRows(title, written, [table])
}
