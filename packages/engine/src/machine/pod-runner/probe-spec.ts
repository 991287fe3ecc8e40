import { isRecord, recordOf } from '@pulse/api'
import { listOf, numberOf, textOf, textsOf } from './fields.ts'

/** What a probe or a preStop hook does. */
export type Handler =
  | { readonly type: 'exec'; readonly command: readonly string[] }
  | {
      readonly type: 'http'
      readonly scheme: 'http' | 'https'
      /** Absent: the pod's own address. */
      readonly host: string | undefined
      readonly port: PortRef
      readonly path: string
      readonly headers: readonly { readonly name: string; readonly value: string }[]
    }
  | { readonly type: 'tcp'; readonly host: string | undefined; readonly port: PortRef }

/** A number, or the name of one of the container's ports. */
export type PortRef = number | string

export interface Probe {
  readonly handler: Handler
  readonly initialDelaySeconds: number
  readonly periodSeconds: number
  readonly timeoutSeconds: number
  readonly successThreshold: number
  readonly failureThreshold: number
  /** For the end of a container that fails it; absent: the pod's own. */
  readonly graceSeconds: number | undefined
}

/** A probe with Kubernetes' defaults; one without a known handler is no probe. */
export function parseProbe(value: unknown): Probe | undefined {
  const handler = parseHandler(value)
  if (!handler) return undefined
  const fields = recordOf(value)
  return {
    handler,
    initialDelaySeconds: numberOf(fields.initialDelaySeconds) ?? 0,
    periodSeconds: numberOf(fields.periodSeconds) ?? 10,
    timeoutSeconds: numberOf(fields.timeoutSeconds) ?? 1,
    successThreshold: numberOf(fields.successThreshold) ?? 1,
    failureThreshold: numberOf(fields.failureThreshold) ?? 3,
    graceSeconds: numberOf(fields.terminationGracePeriodSeconds),
  }
}

export function parseHandler(value: unknown): Handler | undefined {
  const { exec, httpGet, tcpSocket } = recordOf(value)
  if (isRecord(exec)) return { type: 'exec', command: textsOf(exec.command) }
  if (isRecord(tcpSocket)) {
    return { type: 'tcp', host: textOf(tcpSocket.host), port: portOf(tcpSocket.port) }
  }
  if (!isRecord(httpGet)) return undefined
  return {
    type: 'http',
    scheme: httpGet.scheme === 'HTTPS' ? 'https' : 'http',
    host: textOf(httpGet.host),
    port: portOf(httpGet.port),
    path: textOf(httpGet.path) ?? '/',
    headers: listOf(httpGet.httpHeaders).map((header) => ({
      name: textOf(header.name) ?? '',
      value: textOf(header.value) ?? '',
    })),
  }
}

function portOf(value: unknown): PortRef {
  return numberOf(value) ?? textOf(value) ?? 0
}
