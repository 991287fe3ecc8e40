import type { ParkedProtocol } from '../parked/parked-protocol.ts'
import { passingProtocol } from '../parked/passing-protocol.ts'

export const nothingNew = 'nothing new'

/** Frames are passed on; polls wait for fifty seconds. */
export const pollingProtocol: ParkedProtocol = {
  ...passingProtocol,
  polls: {
    waitMs: 50_000,
    nothingNew: {
      status: 200,
      headers: { 'Content-Length': String(nothingNew.length) },
      body: nothingNew,
    },
  },
}
