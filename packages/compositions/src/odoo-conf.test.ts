import { expect, test } from 'vitest'
import { odooConf } from './odoo-conf.ts'

const lines = odooConf({ databaseConnections: 16 }).split('\n')

test('Odoo believes what the gateway says of its clients, so that its links have their scheme and host', () => {
  expect(lines).toContain('proxy_mode = True')
})

test('the database manager is shut in Odoo too, and there is no password that opens it', () => {
  expect(lines).toContain('list_db = False')
  expect(lines.find((line) => line.startsWith('admin_passwd'))).toMatch(
    /^admin_passwd = \$pbkdf2-sha512\$25000\$A{22}\$A{86}$/,
  )
})
