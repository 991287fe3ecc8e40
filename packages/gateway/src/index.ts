/**
 * The gateway: the one door to all tenants. It knows hosts, addresses and HTTP; it may know nothing of Odoo's insides
 * beyond the doors it keeps shut, and nothing of Kubernetes: routes come through `RouteSource`, workers through `Waker`.
 */
export { createGateway, type Gateway, type GatewayOptions, type RequestFacts } from './gateway.ts'
export { defaultGatewayLimits, type GatewayLimits } from './gateway-limits.ts'
export { parseHost } from './host.ts'
export type { Backend, Route, RouteSource, RouteState, Waker } from './route-source.ts'
