import {
  claimDatabaseName,
  odooMajors,
  poolNames,
  standbyName,
  tombstoneDatabaseName,
} from '@pulse/api'
import type { Leak, Owners, Standing } from './leak-facts.ts'

/**
 * What of all that stands belongs to nobody. Things come and go while they are listed, so on a machine at work list
 * what stands, then the owners, then what stands once more: `lastingLeaks` tells what had no owner all the while.
 */
export function findLeaks(standing: Standing, owners: Owners): readonly Leak[] {
  const known = knownOf(owners)
  const pick = (type: Leak['type'], names: readonly string[]) =>
    names.map((name) => ({ type, name }))
  const { databases, volumes, tombstones, hostnames, processes } = standing
  const tenantRoles = new Set(standing.roles)
  return [
    ...pick(
      'database',
      databases
        .filter(({ name, owner }) => isNamedByPulse(name) || tenantRoles.has(owner))
        .filter(({ name, oid }) => !known.isDatabase(name, oid))
        .map(({ name }) => name),
    ),
    ...pick(
      'role',
      standing.roles.filter((role) => !known.isRole(role)),
    ),
    ...pick(
      'volume',
      volumes.filter((name) => !known.isVolume(name)),
    ),
    ...pick(
      'filestore',
      standing.filestores.filter((path) => !known.isFilestore(path)),
    ),
    ...pick(
      'tombstone',
      tombstones.filter((uid) => !known.isGrave(uid)),
    ),
    ...pick(
      'template',
      standing.templates.filter((name) => !known.isTemplateFolder(name)),
    ),
    ...pick(
      'staging',
      standing.staging.filter((name) => !known.isStaged(name)),
    ),
    ...pick(
      'pod',
      standing.pods.filter((uid) => !owners.uids.has(uid)),
    ),
    ...pick(
      'process',
      processes
        .filter(({ pod }) => pod === undefined || !owners.uids.has(pod))
        .map(({ pid }) => String(pid)),
    ),
    ...pick(
      'hostname',
      hostnames.filter(({ uid }) => !owners.uids.has(uid)).map(({ name }) => name),
    ),
  ]
}

/** Of what two listings found, with the owners read between them, what stood in both. */
export function lastingLeaks(first: Standing, owners: Owners, second: Standing): readonly Leak[] {
  const still = new Set(findLeaks(second, owners).map(keyOf))
  return findLeaks(first, owners).filter((leak) => still.has(keyOf(leak)))
}

function keyOf({ type, name }: Leak): string {
  return `${type} ${name}`
}

/** A server may hold databases of others: those are none of our business. */
function isNamedByPulse(name: string): boolean {
  return /^(standby_|filling_|claim_|~)|^(basic|pro)-template-\d+\./.test(name)
}

const session = /-session$/
const retired = /-retired$/

function knownOf({ registered, uids, volumeClaims, unfinished }: Owners) {
  const { templates, standbys, tombstones } = registered
  const buried = new Map(tombstones.map(({ environmentUid, oid }) => [environmentUid, oid]))
  const claims = registered.claims.filter(({ id }) => uids.has(id) && !buried.has(id))
  const roles = new Set([
    ...odooMajors.map((major) => poolNames(major).role),
    ...[...templates, ...standbys, ...claims].map(({ role }) => role),
    ...[...buried.keys()].map(tombstoneDatabaseName),
  ])
  const oids = new Map<number, readonly string[]>([
    ...standbys.map(({ id, oid }) => [oid, [standbyName(id)]] as const),
    ...claims.map(({ id, oid, database }) => [oid, [claimDatabaseName(id), database]] as const),
    ...[...buried].map(([uid, oid]) => [oid, [tombstoneDatabaseName(uid)]] as const),
  ])
  const templateDatabases = new Set(templates.map(({ database }) => database))
  const filestores = [...standbys, ...registered.claims].map(({ filestore }) => filestore)
  const tenants = new Set(claims.map(({ database }) => database))

  /** What a task makes, also in the name of an environment that is there and will try again. */
  function isMade(name: string): boolean {
    const base = name.replace(session, '').replace(retired, '')
    return unfinished.has(base) || uids.has(base.replace(/^(filling|claim)_/, ''))
  }

  return {
    isDatabase: (name: string, oid: number) =>
      templateDatabases.has(name) || isMade(name) || (oids.get(oid)?.includes(name) ?? false),
    isRole: (role: string) => roles.has(role) || isMade(role),
    isVolume: (name: string) =>
      volumeClaims.has(name) || [...volumeClaims].some((claim) => claim.startsWith(`${name}/`)),
    isFilestore: (path: string) => tenants.has(path.slice(path.lastIndexOf('/') + 1)),
    isGrave: (uid: string) => buried.has(uid) || uids.has(uid),
    isTemplateFolder: (name: string) =>
      templateDatabases.has(name) ||
      unfinished.has(name.replace(/^(basic|pro)-template-(\d+)\..*$/, 'filling_template-$1-$2')) ||
      filestores.some((path) => path.includes(`/${name}/`)),
    isStaged: (name: string) =>
      filestores.some((path) => path.endsWith(`/${name}`)) ||
      isMade(name.replace(/^work-/, '').replace(/\.stray$/, '')),
  }
}
