import { fixtureFiles, fixturesMissing } from '@pulse/testing'
import { expect, test } from 'vitest'
import { pulseOfTest } from './pulse-under-test.suite.ts'
import { createTenant, visit } from './tenant.suite.ts'

const fixtures = [
  ['17', 'odoo17-biz'],
  ['18', 'odoo18-biz'],
  ['19', 'odoo19-biz'],
] as const

test.skipIf(fixturesMissing !== undefined)(
  `databases of Odoo 17, 18 and 19 each become a template and a tenant (${fixturesMissing ?? 'fixtures'})`,
  async () => {
    const pulse = await pulseOfTest()
    for (const [major, fixture] of fixtures) {
      const { dump, filestore } = fixtureFiles(fixture)
      expect(await pulse.pulse('runtime', 'add', major, '--stand-in')).toMatchObject({
        exitCode: 0,
      })
      const from = ['--edition', 'basic', '--dump', dump, '--filestore', filestore]
      expect(await pulse.pulse('template', 'import', major, ...from)).toMatchObject({ exitCode: 0 })

      const company = `Company of ${major}`
      const flags = ['--odoo', major, '--company', company]
      const tenant = await createTenant(pulse, `real${major}`, ...flags)
      const visitor = await visit(pulse, tenant.hostname)
      expect((await visitor.logIn(tenant.login, tenant.password)).status).toBe(303)
      const { result } = await visitor.json('/web/session/get_session_info', {})
      expect(result).toMatchObject({ server_version: `${major}.0`, db: tenant.hostname })
      const home = await visitor.get(major === '17' ? '/web' : '/odoo')
      expect(home.text).toContain(company)
      expect(home.text).toMatch(/Installed modules<\/dt><dd>[67]\d</)
    }
  },
  170_000,
)
