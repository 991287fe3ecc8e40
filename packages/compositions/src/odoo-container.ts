import { backendSecret, type OdooMajor, parseQuantity } from '@pulse/api'
import { containerSecurity } from './container-security.ts'
import { fixedNames, hastyGraceSeconds, ports, sealSeconds } from './fixed-names.ts'
import { odooImage, type Parameters } from './parameters.ts'
import type { Size } from './tiers.ts'

export interface OdooContainer {
  /** What the workers are called by who sends them requests: the environment's name, or the pool's. */
  readonly unit: string
  readonly major: OdooMajor
  readonly size: Size
  /** Secret with PGHOST, PGPORT, PGUSER and PGPASSWORD. */
  readonly databaseSecret: string
  /** An instance serves one database, and its hostname must answer before it counts as started. */
  readonly serves?: { readonly database: string; readonly hostname: string }
  /** An instance may have add-ons of its own. */
  readonly addons: boolean
  readonly parameters: Parameters
}

/** Not `/tmp`: on one machine a mount there would hide what lies below it, Odoo itself perhaps. */
const mountPaths = {
  config: '/etc/odoo',
  filestore: '/var/lib/odoo',
  addons: '/mnt/extra-addons',
  tmp: '/var/lib/odoo-tmp',
  backend: '/etc/odoo-backend',
} as const

type VolumeName = keyof typeof mountPaths

/** The container of one Odoo process: how it is started, what it sees, and when it counts as well. */
export function makeOdooContainer(worker: OdooContainer) {
  const { major, size, parameters } = worker
  return {
    name: 'odoo',
    image: odooImage(parameters, major),
    args: odooArguments(worker),
    env: environmentOf(worker),
    ports: [
      { name: 'http', containerPort: ports.http, protocol: 'TCP' },
      { name: 'longpolling', containerPort: ports.longpolling, protocol: 'TCP' },
    ],
    resources: {
      requests: { cpu: size.cpuRequest, memory: size.memory },
      limits: { cpu: size.cpuLimit, memory: size.memory },
    },
    ...probesOf(worker),
    lifecycle: { preStop: { exec: { command: sealCommand(worker) } } },
    // The end of the log goes into the pod's status, and from there into the environment's condition.
    terminationMessagePolicy: 'FallbackToLogsOnError',
    securityContext: containerSecurity,
    volumeMounts: volumeNames(worker).map((name) => ({
      name,
      mountPath: mountPaths[name],
      ...(isReadOnly(name) ? { readOnly: true } : {}),
    })),
  }
}

/** The volumes that the container mounts. */
export function odooVolumes(worker: OdooContainer) {
  return volumeNames(worker).map(volumeOf)
}

/** How many HTTP worker processes; 0 is one process with threads, which has no port of its own for websockets. */
export function workerProcesses({ workers }: Parameters, size: Size): number {
  return workers === 'tier' ? size.workers : 0
}

/** No secret among them: arguments are visible to every process of a machine. */
function odooArguments({ serves, size, parameters }: OdooContainer): readonly string[] {
  return [
    '--config=$(PULSE_MOUNT_CONFIG)/odoo.conf',
    '--data-dir=$(PULSE_MOUNT_FILESTORE)',
    '--http-interface=$(POD_IP)',
    `--http-port=${ports.http}`,
    `--gevent-port=${ports.longpolling}`,
    '--no-database-list',
    '--proxy-mode',
    // In front of all of Odoo's code: who does not say that it means this very process is refused.
    '--load=base,web,plana_gateway',
    `--workers=${workerProcesses(parameters, size)}`,
    ...(workerProcesses(parameters, size) > 0 ? [] : threadOptions(size)),
    // Shared workers take the database that is named as the host is. An instance has its own only, also for cron, its
    // registry is loaded before the first request, and with no filter Odoo asks nobody which databases there are.
    serves === undefined ? '--db-filter=^%h$' : `--database=${serves.database}`,
  ]
}

/** Of address space, by Odoo's own default. */
const leastHardLimitBytes = 2560 * 2 ** 20

/** Longer than the gateway waits for an answer (5 minutes): who is cut off then has left already. */
const requestLimitSeconds = 900
const cronLimitSeconds = 3_600

/**
 * One process with threads answers its limits by starting itself anew, which cuts off everybody's requests after a
 * second. So it has no soft limit, and whoever runs it replaces it in time; and one long report of one tenant does not
 * cost the others theirs after Odoo's usual two minutes. The hard limit fails the one request that asks for more. It
 * counts address space, of which a process has more than it uses of memory.
 */
function threadOptions({ memory }: Size): readonly string[] {
  const roomBytes = Math.ceil((parseQuantity(memory) ?? 0) * 1.25)
  const hardLimitBytes = Math.max(leastHardLimitBytes, roomBytes)
  return [
    '--limit-memory-soft=0',
    `--limit-memory-hard=${hardLimitBytes}`,
    `--limit-time-real=${requestLimitSeconds}`,
    `--limit-time-real-cron=${cronLimitSeconds}`,
  ]
}

function environmentOf(worker: OdooContainer) {
  const secret = (key: string) => ({
    name: key,
    valueFrom: { secretKeyRef: { name: worker.databaseSecret, key } },
  })
  return [
    ...volumeNames(worker).map((name) => ({
      name: `PULSE_MOUNT_${name.toUpperCase()}`,
      value: mountPaths[name],
    })),
    { name: 'POD_UID', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.uid' } } },
    { name: 'PULSE_BACKEND_ID', value: `${worker.unit}.$(POD_UID)` },
    { name: 'PULSE_BACKEND_KEY_FILE', value: `$(PULSE_MOUNT_BACKEND)/${backendSecret.key}` },
    { name: 'POD_IP', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'status.podIP' } } },
    ...['PGHOST', 'PGPORT', 'PGUSER', 'PGPASSWORD'].map(secret),
    { name: 'ODOO_NOTIFY_CRON_CHANGES', value: '1' },
    ...(worker.serves === undefined ? eviction : []),
    // The user has no entry in passwd, and Odoo asks for its name.
    { name: 'USER', value: 'odoo' },
    { name: 'LOGNAME', value: 'odoo' },
    { name: 'HOME', value: '$(PULSE_MOUNT_TMP)' },
    { name: 'TMPDIR', value: '$(PULSE_MOUNT_TMP)' },
  ]
}

/** Shared workers let go of what they hold of an environment that nobody uses, and of the rest when it is too much. */
const eviction = [
  { name: 'PULSE_REGISTRY_IDLE_SECONDS', value: '1500' },
  { name: 'PULSE_REGISTRY_MAX_MEMORY_MB', value: '2048' },
]

/**
 * Before SIGTERM, which gives running requests one second: nothing is let in any more, and what runs comes to its end.
 * Each image has this program; with workers the port for kept connections answers though all workers are busy.
 */
function sealCommand({ size, parameters }: OdooContainer): readonly string[] {
  const port = workerProcesses(parameters, size) > 0 ? ports.longpolling : ports.http
  return ['pulse-seal', `--port=${port}`, `--timeout=${sealSeconds}`]
}

function isReadOnly(name: VolumeName): boolean {
  return name === 'config' || name === 'backend'
}

/** `/web/health` touches no database, so an instance has started only when its login page answers. */
function probesOf({ serves }: OdooContainer) {
  const health = { path: '/web/health', port: 'http', scheme: 'HTTP' }
  // It is asked for the host, of this very process: an address may be another's by now.
  const login = { path: `/plana/ready?host=${serves?.hostname}`, port: 'http', scheme: 'HTTP' }
  return {
    startupProbe: {
      httpGet: serves === undefined ? health : login,
      periodSeconds: 1,
      timeoutSeconds: 15,
      failureThreshold: 300,
      terminationGracePeriodSeconds: hastyGraceSeconds,
    },
    readinessProbe: { httpGet: health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 },
    // Slow on purpose: a long report in one thread must not cost the others their worker.
    livenessProbe: {
      httpGet: health,
      // It has just answered another probe, and somebody may wait for its first page.
      initialDelaySeconds: 30,
      periodSeconds: 30,
      timeoutSeconds: 20,
      failureThreshold: 5,
      terminationGracePeriodSeconds: hastyGraceSeconds,
    },
  }
}

function volumeNames({ addons }: OdooContainer): readonly VolumeName[] {
  return ['config', 'backend', 'filestore', ...(addons ? (['addons'] as const) : []), 'tmp']
}

function volumeOf(name: VolumeName) {
  switch (name) {
    case 'config':
      return { name, configMap: { name: fixedNames.config } }
    case 'backend':
      return { name, secret: { secretName: backendSecret.name } }
    case 'tmp':
      return { name, emptyDir: {} }
    default:
      return { name, persistentVolumeClaim: { claimName: fixedNames[name] } }
  }
}
