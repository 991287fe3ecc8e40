#!/usr/bin/env node
import { rmSync, writeFileSync } from 'node:fs'
import { createBurn, parseBurnFactor } from './burn.ts'
import { UsageError } from './command-line.ts'
import { createDatabases } from './databases.ts'
import { createFilestore } from './filestore.ts'
import { initialise } from './initialise.ts'
import { asForked, type Major, majorOf } from './majors.ts'
import { neutralise } from './neutralise.ts'
import { createRegistries } from './registries.ts'
import { startServer } from './server.ts'
import { createServerLog } from './server-log.ts'
import { parseServerOptions, type ServerOptions } from './server-options.ts'
import { createSessions } from './sessions.ts'
import { type Site, standInNotice } from './site.ts'

/**
 * Called exactly as `odoo-bin` is, after first arguments of its own: `--standin-major=N` says which one it plays,
 * `--standin-burn=F` how much of its CPU time it burns.
 */
async function main(given: readonly string[]): Promise<number | undefined> {
  const own = given.filter((argument) => argument.startsWith('--standin-'))
  const args = given.filter((argument) => !own.includes(argument))
  const ownValue = (name: string) =>
    own.map((argument) => argument.split('=')).find(([flag]) => flag === `--standin-${name}`)?.[1]
  const cold = majorOf(ownValue('major') ?? process.env.PULSE_STANDIN_MAJOR)
  const major = process.env.PULSE_STANDIN_FORKED === '1' ? asForked(cold) : cold
  if (args.includes('--version')) {
    process.stdout.write(`Odoo Server ${major.version} (Pulse stand-in)\n`)
    return 0
  }

  const [command = '', ...rest] = args
  const named = command === 'neutralize' || command === 'server'
  const options = parseServerOptions(named ? rest : args, major, process.env)
  const burn = parseBurnFactor(ownValue('burn') ?? process.env.PULSE_STANDIN_BURN)
  const site = makeSite(major, options, burn)
  site.log.warning('odoo', standInNotice(major))

  if (command === 'neutralize') return closing(site, () => neutralise(site))
  await site.burn.upTo(major.startMs)
  if (options.stopAfterInit) {
    return closing(site, () => initialise(site, createRegistries(site)))
  }
  return serve(site)
}

function makeSite(major: Major, options: ServerOptions, burn: number): Site {
  const log = createServerLog(options.logLevel, options.logFile)
  return {
    major,
    options,
    log,
    burn: createBurn(burn),
    databases: createDatabases(options.connection, log),
    sessions: createSessions(options.dataDir),
    filestore: createFilestore(options.dataDir),
  }
}

async function closing(site: Site, work: () => Promise<number>): Promise<number> {
  try {
    return await work()
  } finally {
    await site.databases.close()
  }
}

/** Runs until a signal: the first stops in order, the second at once. Undefined means: still running. */
async function serve(site: Site): Promise<number | undefined> {
  const { pidFile } = site.options
  const starting = startServer(site)
  let stopping = false
  const stop = async () => {
    if (stopping) {
      process.stderr.write('Forced shutdown.\n')
      process.exit(0)
    }
    stopping = true
    const server = await starting
    await server.stop()
    if (pidFile) rmSync(pidFile, { force: true })
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop())
  process.on('SIGINT', () => void stop())

  const server = await starting
  if (pidFile) writeFileSync(pidFile, String(process.pid))
  return server.ready
}

function report(error: unknown): number {
  if (error instanceof UsageError) {
    process.stderr.write(`Usage: odoo-bin [options]\n\nodoo-bin: error: ${error.message}\n`)
    return 2
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
  return 1
}

const status = await main(process.argv.slice(2)).catch(report)
if (status !== undefined) process.exit(status)
