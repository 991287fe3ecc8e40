import { fixturesMissing } from '@pulse/testing'

/** Where the source of a real Odoo 18 lies; empty where none was named. */
export const odooSource = process.env.PLANA_TEST_ODOO_18 ?? ''

/** Why tests with a real Odoo are left out, if they are. */
export const odooMissing =
  odooSource === '' ? 'no real Odoo: set PLANA_TEST_ODOO_18 to the source of Odoo 18' : undefined

/** The same of those that need its databases, too. */
export const odooOrFixturesMissing = odooMissing ?? fixturesMissing
