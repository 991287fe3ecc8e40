import type { Life } from '../life.ts'
import type { LifeRecord } from '../record.ts'
import { type Gateway, type Request, ticks, type World } from './world.suite.ts'

/** The same world a tick later. */
export function older(world: World): World {
  const { record, gateways, scene } = world
  return {
    record: olderRecord(record),
    gateways: gateways.map(olderGateway),
    scene: {
      ...scene,
      requests: scene.requests.map(olderRequest),
      calledOffAt: before(scene.calledOffAt),
      writes: isHeldUp(world) ? 0 : scene.writes,
    },
  }
}

/** What lasts is a reason for others to try again, once in each idle time. */
function isHeldUp({ gateways, scene: { requests } }: World): boolean {
  return gateways.some(({ keptUntil }) => keptUntil > 0) || requests.some((one) => 'age' in one)
}

function before(time: number): number {
  return Math.max(time - 1, -ticks.ages)
}

/** Of what is past nobody asks since when. */
function nearer<Time extends number | undefined>(time: Time): Time | number {
  return time === undefined ? time : Math.max(time - 1, 0)
}

const records = new WeakMap<LifeRecord, LifeRecord>()

function olderRecord(record: LifeRecord): LifeRecord {
  const known = records.get(record)
  if (known !== undefined) return known
  const aged = { ...record, since: before(record.since) }
  records.set(record, aged)
  return aged
}

const gatewaysAged = new WeakMap<Gateway, Gateway>()

/** The same gateway grows older into the same one: what was found out about it is not found out again. */
function olderGateway(gateway: Gateway): Gateway {
  const known = gatewaysAged.get(gateway)
  if (known !== undefined) return known
  const {
    life,
    answer,
    keptUntil,
    openUntil,
    wokenAt,
    usedAt,
    failedUntil,
    wantedUntil,
    objectedAt,
  } = gateway
  const aged = {
    ...gateway,
    life: olderLife(life),
    answer: answer && olderRecord(answer),
    keptUntil: nearer(keptUntil),
    openUntil: nearer(openUntil),
    wokenAt: wokenAt === undefined ? undefined : before(wokenAt),
    usedAt: before(usedAt),
    failedUntil: nearer(failedUntil),
    wantedUntil: nearer(wantedUntil),
    objectedAt: before(objectedAt),
    hasSwept: false,
  }
  gatewaysAged.set(gateway, aged)
  return aged
}

function olderLife(life: Life): Life {
  const { record, writing, lastActivity, bornAt, failedUntil, wantedUntil } = life
  const born = Math.max(bornAt - 1, -ticks.ages - 1)
  return {
    ...life,
    record: olderRecord(record),
    writing: writing && olderRecord(writing),
    // That there was a user once is not forgotten.
    lastActivity: lastActivity > bornAt ? before(lastActivity) : born,
    bornAt: born,
    failedUntil: nearer(failedUntil),
    wantedUntil: nearer(wantedUntil),
  }
}

function olderRequest(request: Request): Request {
  if (!('age' in request)) return request
  return { ...request, age: Math.min(request.age + 1, ticks.deadline + 1) }
}
