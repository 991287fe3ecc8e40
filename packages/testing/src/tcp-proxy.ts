import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'

/** What a bad line does to whoever talks through it. */
export interface LineFaults {
  /** Each piece comes so much later, in both directions. */
  readonly delayMs?: number
  /** No more than this passes in a second, for each connection and direction. */
  readonly bytesPerSecond?: number
  /** Connections are taken and stay open, and nothing passes: what was sent before the end of this comes after it. */
  readonly isSilent?: boolean
  /** Nobody is connected: whoever comes is cut off. */
  readonly isCut?: boolean
}

/** A line between a client and a server on loopback, which a test makes slow, silent, or cuts. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** From now on, also for connections that stand; those are cut by `isCut`. */
  behave(faults: LineFaults): void
  /** Cuts the connections that stand; new ones are made as before. */
  cut(): void
  /** Cuts as soon as a client has sent this text and the server has had a moment for it: its answer is lost. */
  cutAfter(text: string): void
}

export async function startTcpProxy(target: {
  readonly host: string
  readonly port: number
}): Promise<TcpProxy> {
  const open = new Set<Socket>()
  let faults: LineFaults = {}
  let changed = Promise.withResolvers<void>()
  let cutText: string | undefined

  // One that ends its half is answered by the other end, if at all: the line answers nobody by itself.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const inside = connect({ ...target, allowHalfOpen: true })
    for (const socket of [client, inside]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => open.delete(socket))
    }
    client.on('close', () => inside.destroy())
    inside.on('close', () => client.destroy())
    if (faults.isCut) {
      client.destroy()
      return
    }
    client.pipe(line(noteText)).pipe(inside)
    inside.pipe(line()).pipe(client)

    function noteText(chunk: Buffer) {
      if (cutText === undefined || !chunk.includes(cutText)) return
      cutText = undefined
      inside.unpipe()
      // What the server has answered by then went nowhere.
      inside.once('data', () => client.destroy()).resume()
    }
  })

  function line(onChunk: (chunk: Buffer) => void = () => undefined): Transform {
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        onChunk(chunk)
        void pass(chunk.length).then(() => done(null, chunk))
      },
      flush(done) {
        void pass(0).then(() => done())
      },
    })
  }

  async function pass(bytes: number) {
    while (faults.isSilent) await changed.promise
    const { delayMs = 0, bytesPerSecond } = faults
    const lasts = bytesPerSecond === undefined ? 0 : (bytes / bytesPerSecond) * 1000
    if (delayMs + lasts > 0) await delay(delayMs + lasts, undefined, { ref: false })
  }

  const cut = () => {
    for (const socket of open) socket.destroy()
  }

  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    behave(next) {
      faults = next
      changed.resolve()
      changed = Promise.withResolvers()
      if (faults.isCut) cut()
    },
    cut,
    cutAfter(text) {
      cutText = text
    },
    async [Symbol.asyncDispose]() {
      faults = {}
      changed.resolve()
      cut()
      const closed = once(server, 'close')
      server.close()
      await closed
    },
  }
}
