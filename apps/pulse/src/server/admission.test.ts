import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'
import { checkGatewayLists } from './admission.ts'

test('lists of the gateway that cannot be read are all told before anything starts', () => {
  const config = readConfig({})
  expect(() => checkGatewayLists(config)).not.toThrow()
  const wrong = {
    ...config,
    gatewayTrustedProxies: ['10.0.0.0/33'],
    gatewayMonitors: ['10.0.0.0/99'],
  }
  expect(() => checkGatewayLists(wrong)).toThrow(
    /2 settings are wrong.*PLANA_GATEWAY_TRUSTED_PROXIES: .*10\.0\.0\.0\/33.*PLANA_GATEWAY_MONITORS/s,
  )
})
