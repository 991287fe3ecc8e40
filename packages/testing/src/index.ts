/**
 * What tests stand on: a throw-away PostgreSQL and the stand-in Odoo, which `pulse up` also serves while no runtime is
 * registered. Nothing else of Pulse may depend on it at run time.
 */
export { makeCertificates, type TestCertificates } from './certificates.ts'
export {
  type ControlPlanePrograms,
  type FoundControlPlane,
  findControlPlane,
} from './control-plane/programs.ts'
export { type ControlPlane, startControlPlane } from './control-plane/start-control-plane.ts'
export {
  type FixtureName,
  fixtureFiles,
  fixturesMissing,
  restoreFixture,
  unpackFixtureFilestore,
} from './fixtures.ts'
export { freePort } from './free-port.ts'
export { findKubectls, type Kubectl } from './kubectl.ts'
export {
  askGuarded,
  type GuardCase,
  guardCases,
  guardIdentity,
} from './odoo/guard-cases.testing.ts'
export { sql } from './odoo/site.testing.ts'
export { createVisitor, type Visitor } from './odoo/visitor.testing.ts'
export {
  createTestDatabase,
  type RunningPostgres,
  startTestPostgres,
  type TestDatabase,
  type TestPostgres,
  testPostgres,
} from './postgres.ts'
export {
  type RunningStandIn,
  type StandInOptions,
  type StandInProgram,
  standInProgram,
  startStandIn,
} from './stand-in.ts'
export { copyStandIn, standInAt } from './stand-in-copy.ts'
export { type LineFaults, startTcpProxy, type TcpProxy } from './tcp-proxy.ts'
