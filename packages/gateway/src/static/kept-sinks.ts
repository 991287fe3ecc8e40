/** Takes a body as it passes by. */
export interface KeptSink {
  write(chunk: Uint8Array): void
  /** The body came whole: only then is it kept. */
  end(): void
  abort(): void
}

export interface SinkLimits {
  readonly bytesPerEntry: number
  /** Of bodies that are still coming in, in all. */
  readonly bytesComing: number
}

export interface SinkOptions {
  readonly environment: string
  readonly key: string
  /** As announced. */
  readonly length: number | undefined
  readonly onWhole: (bytes: Buffer) => void
}

/** Bodies that are coming in: each once at a time, and within a bound in all. */
export interface KeptSinks {
  open(options: SinkOptions): KeptSink | undefined
  /** What is still coming in for this environment is not kept any more. */
  close(environment: string): void
}

export function createKeptSinks({ bytesPerEntry, bytesComing }: SinkLimits): KeptSinks {
  const closers = new Map<string, { readonly environment: string; readonly close: () => void }>()
  let coming = 0

  function open({ environment, key, length, onWhole }: SinkOptions): KeptSink | undefined {
    const name = `${environment} ${key}`
    if (closers.has(name) || (length ?? 0) > bytesPerEntry) return undefined
    const chunks: Uint8Array[] = []
    let size = 0
    let isOpen = true

    function close() {
      if (!isOpen) return
      isOpen = false
      closers.delete(name)
      coming -= size
      chunks.length = 0
    }

    closers.set(name, { environment, close })
    return {
      write(chunk) {
        if (!isOpen) return
        chunks.push(chunk)
        size += chunk.length
        coming += chunk.length
        if (size > bytesPerEntry || coming > bytesComing) close()
      },
      end() {
        if (!isOpen) return
        const bytes = Buffer.concat(chunks)
        close()
        // A body that was cut short must never be taken for the whole.
        if (length === undefined || length === bytes.length) onWhole(bytes)
      },
      abort: close,
    }
  }

  return {
    open,
    close(environment) {
      for (const sink of [...closers.values()]) if (sink.environment === environment) sink.close()
    },
  }
}
