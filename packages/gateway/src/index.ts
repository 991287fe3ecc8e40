/**
 * The gateway: the one door to all tenants. It knows hosts, addresses and HTTP; it may know nothing of Odoo's insides
 * beyond the doors it keeps shut, and nothing of Kubernetes: routes come through `RouteSource`, workers through `Waker`.
 */
export { type Clock, systemClock } from './clock.ts'
export { createGateway, type Gateway, type GatewayOptions, type RequestFacts } from './gateway.ts'
export { defaultGatewayLimits, type GatewayLimits } from './gateway-limits.ts'
export { parseHost } from './host.ts'
export type { WakeFacts } from './life/environment-life.ts'
export { defaultLifeLimits, type LifeLimits } from './life/life-limits.ts'
export type { LifeState } from './life/life-state.ts'
export type { Lives } from './life/lives.ts'
export type { LifeRecord } from './life/record.ts'
export type { LifeAsk, LifeChange, Sight, Standing, Waker } from './life/waker.ts'
export type { Backend, Route, RouteSource, RouteState } from './route-source.ts'
