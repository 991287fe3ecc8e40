/**
 * The gateway: the one door to all tenants. It knows hosts, addresses and HTTP; of Odoo it knows the public addresses
 * alone (which class a request is of, what may be kept, which doors stay shut), none of its insides, and nothing of
 * Kubernetes. Routes come through `RouteSource`, workers through `Waker`, schedules through `CronCalendar`, and what
 * frames and polls mean through `ParkedProtocol`.
 */

export type { AdmissionSettings } from './admission/admission.ts'
export type { Handled } from './admission/visit.ts'
export { type AgentKind, knownAgents } from './classes/agents.ts'
export { type Monitors, parseMonitors } from './classes/monitors.ts'
export type { Asleep, AsleepAnswer, RequestClass } from './classes/request-class.ts'
export { requestClasses } from './classes/request-classes.ts'
export { type ClientReader, createClientReader } from './client-address.ts'
export { type Clock, systemClock } from './clock.ts'
export type { RefusedBy } from './forward/forwarded.ts'
export { createGateway, type Gateway, type GatewayOptions, type RequestFacts } from './gateway.ts'
export { defaultGatewayLimits, type GatewayLimits } from './gateway-limits.ts'
export type { HistoryStore } from './history/history-store.ts'
export { percentile } from './history/percentile.ts'
export { parseHost } from './host.ts'
export { createFixedWaker, servedBy } from './life/fixed-waker.ts'
export { defaultLifeLimits, type LifeLimits } from './life/life-limits.ts'
export type { LifeState } from './life/life-state.ts'
export type { Lives } from './life/lives.ts'
export { isSameRecord, type LifeRecord } from './life/record.ts'
export type { RefusedSleep } from './life/refused-sleeps.ts'
export type { HoldFacts } from './life/waiting-room.ts'
export type { WakeFacts, WakeTemperature } from './life/wake-facts.ts'
export type { LifeAsk, LifeChange, Sight, Standing, Waker } from './life/waker.ts'
export { leavesBy } from './life/wanting.ts'
export { defaultWakeLimits, type WakeLimits } from './limits/wake-limits.ts'
export { type Logo, waitingPage, wakeStatusAnswer } from './pages/waiting-page.ts'
export { type WakeState, wakeStatusPath } from './pages/wake-status.ts'
export { defaultParkedLimits, type ParkedLimits } from './parked/parked-limits.ts'
export type {
  Conversation,
  Hearing,
  Message,
  ParkedPlace,
  ParkedProtocol,
  SessionCheck,
  SocketEnd,
} from './parked/parked-protocol.ts'
export type { ParkedOptions } from './parked/parking.ts'
export type { SocketLife } from './parked/socket-life.ts'
export type { PlainAnswer } from './plain-answer.ts'
export type { Backend, Route, RouteSource, RouteState } from './route-source.ts'
export type { CronCalendar, Plan, RunSchedules, ScheduleRun } from './schedule/cron-calendar.ts'
export { defaultScheduleLimits, type ScheduleLimits } from './schedule/schedule-limits.ts'
export {
  createScheduler,
  type KnownEnvironment,
  type ScheduleFact,
  type Scheduler,
  type SchedulerOptions,
} from './schedule/scheduler.ts'
export { wallClock } from './schedule/wall-clock.ts'
export { defaultKeptLimits, type KeptLimits } from './static/kept-copies.ts'
export {
  readStaticFolders,
  type StaticFolders,
  type StaticSource,
  withoutOwn,
} from './static/static-folders.ts'
export {
  type CertificateFiles,
  openCertificateFiles,
} from './tls/certificate-files.ts'
export type { Certificates } from './tls/certificates.ts'
