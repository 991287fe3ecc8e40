/** Buffers for what is on its way to clients; each is used again once the kernel has it. */
export interface PieceBuffers {
  /** A copy of these bytes, and what has to be called when it is no longer needed. */
  copy(bytes: Buffer): { readonly piece: Buffer; readonly done: () => void }
}

const bufferBytes = 64 * 1024
/** So many wait for their next use; what slow clients need beyond is memory that comes and goes. */
const keptMax = 64

/** Fresh buffers of that size cost more than the copying: the collector runs for each few of them. */
export function createPieceBuffers(): PieceBuffers {
  const free: Buffer[] = []
  return {
    copy(bytes) {
      if (bytes.length > bufferBytes) return { piece: Buffer.from(bytes), done() {} }
      const buffer = free.pop() ?? Buffer.allocUnsafeSlow(bufferBytes)
      bytes.copy(buffer)
      return {
        piece: buffer.subarray(0, bytes.length),
        done() {
          if (free.length < keptMax) free.push(buffer)
        },
      }
    },
  }
}
