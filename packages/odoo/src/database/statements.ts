import pg from 'pg'

/** Statements on databases and roles. Each identifier and each literal is quoted here, whatever it is. */

/** Group of all tenants' roles: gives CONNECT on `postgres`, where Odoo lists databases and listens, and nothing else. */
export const tenantGroup = 'pulse_tenant'

export const identifier = pg.escapeIdentifier
export const literal = pg.escapeLiteral

/** WAL_LOG (15+) has no checkpoint storm; nobody gets in until PUBLIC's rights are gone. */
export function cloneDatabase(name: string, template: string, serverVersion: number): string {
  const strategy = serverVersion >= 150_000 ? ' STRATEGY wal_log' : ''
  return `CREATE DATABASE ${identifier(name)} TEMPLATE ${identifier(template)}${strategy} ALLOW_CONNECTIONS false`
}

export function emptyDatabase(name: string): string {
  return `CREATE DATABASE ${identifier(name)} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' ALLOW_CONNECTIONS false`
}

/** Takes from everybody what a new database gives to everybody. */
export function closeToPublic(name: string): string {
  return `REVOKE ALL ON DATABASE ${identifier(name)} FROM PUBLIC`
}

export function allowConnections(name: string, allowed: boolean): string {
  return `ALTER DATABASE ${identifier(name)} ALLOW_CONNECTIONS ${allowed}`
}

export function renameDatabase(from: string, to: string): string {
  return `ALTER DATABASE ${identifier(from)} RENAME TO ${identifier(to)}`
}

export function setOwner(database: string, role: string): string {
  return `ALTER DATABASE ${identifier(database)} OWNER TO ${identifier(role)}`
}

export function grantConnect(database: string, role: string): string {
  return `GRANT CONNECT ON DATABASE ${identifier(database)} TO ${identifier(role)}`
}

export function markTemplate(name: string, isTemplate: boolean): string {
  return `ALTER DATABASE ${identifier(name)} IS_TEMPLATE ${isTemplate}`
}

/** Also past sessions that would not leave. */
export function dropDatabase(name: string): string {
  return `DROP DATABASE IF EXISTS ${identifier(name)} WITH (FORCE)`
}

/** A role of one isolation unit; without a verifier it cannot log in by password. */
export function createRole(name: string, verifier?: string): string {
  const password = verifier === undefined ? 'PASSWORD NULL' : `PASSWORD ${literal(verifier)}`
  return `CREATE ROLE ${identifier(name)} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT IN ROLE ${identifier(tenantGroup)} ${password}`
}

/** All rights of one role for another. */
export function grantRole(role: string, to: string): string {
  return `GRANT ${identifier(role)} TO ${identifier(to)}`
}

/** A role without sessions, and all that was granted to it. */
export function dropIdleRole(role: string): string {
  return `DROP OWNED BY ${identifier(role)}; DROP ROLE ${identifier(role)}`
}

export function renameRole(from: string, to: string): string {
  return `ALTER ROLE ${identifier(from)} RENAME TO ${identifier(to)}`
}

export function allowLogin(role: string, allowed: boolean): string {
  return `ALTER ROLE ${identifier(role)} ${allowed ? 'LOGIN' : 'NOLOGIN'}`
}

export function setVerifier(role: string, verifier: string): string {
  return `ALTER ROLE ${identifier(role)} PASSWORD ${literal(verifier)}`
}

export function limitConnections(role: string, most: number): string {
  return `ALTER ROLE ${identifier(role)} CONNECTION LIMIT ${most}`
}

export function reassignOwned(from: string, to: string): string {
  return `REASSIGN OWNED BY ${identifier(from)} TO ${identifier(to)}`
}

/** After `reassignOwned` nothing is owned any more: only what was granted goes. */
export function dropPrivileges(role: string): string {
  return `DROP OWNED BY ${identifier(role)}`
}

/** Everything that a server must refuse to tenants before the first of them comes (decision D9). */
export function hardenServer(registerDatabase: string): readonly string[] {
  return [
    `DO $$ BEGIN CREATE ROLE ${identifier(tenantGroup)} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
    closeToPublic('postgres'),
    closeToPublic('template1'),
    closeToPublic(registerDatabase),
    grantConnect('postgres', tenantGroup),
  ]
}

/**
 * Spares a transaction its wait for the disk, for work that a later durable commit completes: the log is written in
 * order, so that commit brings this one with it, and a crash before it loses both (PostgreSQL manual, "Asynchronous Commit").
 */
export const asynchronousCommit = 'SET LOCAL synchronous_commit = off'
