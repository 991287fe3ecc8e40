import { StatusError } from '@pulse/api'
import type { PulseConfig } from '../config.ts'
import { failureOf } from '../failure.ts'
import type { CommandContext } from './context.ts'
import { createTenant, makeClient, welcomeText } from './create.ts'

/** The first tenant of an installation that has none; any other is only pointed to what is there. */
export async function greetFirstTenant(
  name: string,
  config: PulseConfig,
  {
    out,
    err,
    connect,
    hint,
    signal,
  }: Pick<CommandContext, 'out' | 'err' | 'connect' | 'hint' | 'signal'>,
) {
  const cluster = await connect(config)
  try {
    const ref = { apiVersion: 'planapulse.com/v1alpha1', kind: 'PLANAClient', name }
    if (await cluster.get(ref)) {
      out.write(
        `Tenant ${name} is there already: ${hint(`open ${name}`)}; its login: ${hint(`open ${name} --login`)}\n`,
      )
      return
    }
    const { items } = await cluster.list({ apiVersion: ref.apiVersion, kind: ref.kind, limit: 1 })
    if (items.length > 0) {
      out.write(`Tenants are there already: ${hint('get planaclients')}\n`)
      return
    }
    const client = makeClient(name, {
      owner: `owner@${name}.example`,
      company: `${name[0]?.toUpperCase()}${name.slice(1)} Company`,
      tier: 'starter',
      odoo: '18',
      project: '0',
    })
    const tenant = await createTenant(
      cluster,
      client,
      { wait: true, timeout: 300_000 },
      { err, hint, signal },
    )
    // Under systemd standard output is the journal, and a journal is no place for a password.
    if (tenant) out.write(welcomeText(tenant, { hint, showPassword: out.interactive }))
  } catch (error) {
    if (signal.aborted) return
    // The server is what was asked for; a tenant that does not come is no reason to take it away.
    const isRefused = error instanceof StatusError
    const next = hint(isRefused ? 'create --help' : `describe planaclient ${name}`)
    err.write(`! There is no first tenant yet: ${failureOf(error).text}\n  Next: ${next}\n`)
  } finally {
    await cluster.close()
  }
}
