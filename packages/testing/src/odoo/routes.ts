import { contentRoutes } from './content-routes.ts'
import { loginRoutes } from './login-routes.ts'
import type { Route } from './route.ts'
import { rpcRoutes } from './rpc-routes.ts'
import { serverRoutes, trialRoutes } from './server-routes.ts'

/** Every address that the stand-in answers, besides health and the websocket. */
export const routes: readonly Route[] = [
  ...loginRoutes,
  ...contentRoutes,
  ...rpcRoutes,
  ...serverRoutes,
  ...(process.env.PULSE_STANDIN_TRIAL_ROUTES === '1' ? trialRoutes : []),
]
