import { lastingLeaks } from './find-leaks.ts'
import { listOwners, type OwnersUnderCheck } from './list-owners.ts'
import { listStanding, type MachineUnderCheck } from './list-standing.ts'
import { type ReportDeps, reportLeaks } from './report-leaks.ts'

export type LeakCheckDeps = MachineUnderCheck & OwnersUnderCheck & ReportDeps

/** Compares what stands on this machine with what it belongs to, and tells what is nobody's. It removes nothing. */
export async function checkLeaks(deps: LeakCheckDeps): Promise<void> {
  const first = await listStanding(deps)
  const owners = await listOwners(deps, first)
  const second = await listStanding(deps)
  await reportLeaks(lastingLeaks(first, owners, second), deps)
}
