import { loginRoutes } from './login-routes.ts'
import type { Route } from './route.ts'

/** Every address that the stand-in answers, besides health and the websocket. */
export const routes: readonly Route[] = [...loginRoutes]
