import type { UnknownRecord } from '@pulse/api'
import { badRequest } from '../store/refusals.ts'

/** Of Kubernetes' protobuf: an envelope that names the kind, and in it the message of that kind. */
export const protobufType = 'application/vnd.kubernetes.protobuf'

/** The fields of a message that are read, by their numbers; all others are passed over. */
export interface MessageShape {
  readonly [field: number]: readonly [name: string, shape: 'text' | 'bytes' | MessageShape]
}

const magic = Buffer.from('k8s\0')

/** `runtime.Unknown` of k8s.io/apimachinery. */
const envelope: MessageShape = {
  1: ['typeMeta', { 1: ['apiVersion', 'text'], 2: ['kind', 'text'] }],
  2: ['raw', 'bytes'],
}

/** The object of a body in protobuf, as JSON would have it; what is broken is a 400. */
export function parseProtobuf(body: Buffer, shape: MessageShape): UnknownRecord {
  if (!body.subarray(0, magic.length).equals(magic)) throw broken('it lacks its first bytes')
  const { typeMeta, raw } = readMessage(body.subarray(magic.length), envelope)
  const object = raw instanceof Uint8Array ? readMessage(Buffer.from(raw), shape) : {}
  return { ...(typeof typeMeta === 'object' && typeMeta), ...object }
}

/** As deep as the shape, whatever the bytes say. */
function readMessage(bytes: Buffer, shape: MessageShape): UnknownRecord {
  const fields = new Map<string, unknown>()
  for (const [number, content] of contentsOf(bytes)) {
    const [name, form] = shape[number] ?? []
    if (name === undefined || form === undefined) continue
    if (content === undefined) throw broken(`field ${number} is of another type`)
    fields.set(name, asShaped(content, form))
  }
  return Object.fromEntries(fields)
}

function asShaped(content: Buffer, form: 'text' | 'bytes' | MessageShape): unknown {
  if (form === 'bytes') return content
  return form === 'text' ? content.toString() : readMessage(content, form)
}

/** Numbers and bytes of the fields; a field of another wire type has no bytes. */
function* contentsOf(bytes: Buffer): Generator<readonly [number, Buffer | undefined]> {
  let offset = 0
  const take = (length: number) => {
    const end = offset + length
    if (end > bytes.length) throw broken('it ends within a field')
    const taken = bytes.subarray(offset, end)
    offset = end
    return taken
  }
  const takeNumber = () => {
    let value = 0
    for (let place = 1; ; place *= 128) {
      const [byte = 0] = take(1)
      value += (byte % 128) * place
      if (value > Number.MAX_SAFE_INTEGER) throw broken('a number is too large')
      if (byte < 128) return value
    }
  }
  while (offset < bytes.length) {
    const tag = takeNumber()
    const field = Math.floor(tag / 8)
    const wireType = tag % 8
    if (wireType === 2) yield [field, take(takeNumber())]
    else {
      if (wireType === 0) takeNumber()
      else if (wireType === 1) take(8)
      else if (wireType === 5) take(4)
      else throw broken(`wire type ${wireType} is unknown`)
      yield [field, undefined]
    }
  }
}

function broken(why: string) {
  return badRequest(`cannot read the body as protobuf: ${why}`)
}
