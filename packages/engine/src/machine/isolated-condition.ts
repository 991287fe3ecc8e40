import type { Condition } from '@pulse/api'

/** What keeps pods apart, said alike on each pod and on the node. */
export function isolatedCondition(
  ownUsers: boolean,
  firewallProblem: string | undefined,
): Condition {
  const type = 'Isolated'
  if (!ownUsers) {
    const message = 'all pods run as one user: as root, Pulse gives each namespace its own'
    return { type, status: 'False', reason: 'SharedUser', message }
  }
  if (firewallProblem !== undefined) {
    return { type, status: 'False', reason: 'NoNftables', message: firewallProblem }
  }
  return { type, status: 'True', reason: 'OwnUserAndFirewall' }
}
