import type { MachineStatus } from '../machine-status/schema.ts'
import type { Running } from '../server/running.ts'

export function runningOf(pid: number): Running {
  return {
    ...{ pid, version: '0.1.0', startedAt: '2026-01-01T00:00:00Z' },
    ...{ gateway: 'http://localhost:8080', api: 'https://127.0.0.1:6443' },
    metrics: 'http://127.0.0.1:9090',
    postgres: { source: 'system', major: 16 },
  }
}

/** A machine on which something waits and something went wrong. */
export function machineOf(more: Partial<MachineStatus> = {}): MachineStatus {
  return {
    ...{ clients: 3, readyClients: 2, environments: 3, readyEnvironments: 2 },
    ...{ creatingEnvironments: 1, failingEnvironments: 0, suspendedEnvironments: 0 },
    ...{ deletingEnvironments: 0, awakeEnvironments: 1, asleepEnvironments: 1, runningPods: 2 },
    tombstones: 1,
    waiting: [
      {
        ...{ kind: 'TenantEnvironment', condition: 'DatabaseReady', reason: 'TemplateBuilding' },
        ...{
          count: 5,
          names: ['a-prod', 'b-prod', 'c-prod'],
          message: 'waits for template basic-18',
        },
      },
    ],
    waitingUnread: 0,
    postgres: {
      ...{ serverVersion: '16.4', connections: 12, maxConnections: 200, databases: 9 },
      storeBytes: 14_000_000,
    },
    standbys: [
      { template: 'basic-18', hosting: 'pool', ready: 1, wanted: 2, reason: 'DiskNearlyFull' },
    ],
    runtimes: [{ major: '18', version: '18.0', standIn: false, forks: true }],
    machine: [{ type: 'Isolated', status: 'True', reason: 'OwnUserAndFirewall' }],
    warnings: [
      {
        ...{ reason: 'BackOff', kind: 'Pod', count: 7, objects: 1, object: 'instance-a/odoo-1' },
        ...{ lastSeen: '2026-01-01T00:58:00Z', message: 'Back-off restarting failed container' },
      },
    ],
    problems: [],
    ...more,
  }
}
