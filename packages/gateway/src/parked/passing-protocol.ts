import type { ParkedProtocol } from './parked-protocol.ts'

/** Where nobody knows what frames mean, all of them are passed on, and the end of one side is the end of the other. */
export const passingProtocol: ParkedProtocol = {
  converse: () => ({
    hear: () => 'activity',
    heed() {},
    resume: () => [],
    keptBytes: 0,
  }),
  objection: () => undefined,
  isAbsorbed: () => false,
  sessionGone: { code: 1008, reason: '' },
}
