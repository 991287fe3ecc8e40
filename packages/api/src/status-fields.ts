/** What every composite's status holds beside its own facts. */
import Type from 'typebox'

const condition = Type.Object(
  {
    type: Type.String({ maxLength: 316 }),
    status: Type.Enum(['True', 'False', 'Unknown'], { type: 'string' }),
    reason: Type.String({ maxLength: 1024 }),
    message: Type.Optional(Type.String({ maxLength: 32768 })),
    lastTransitionTime: Type.Optional(Type.String({ format: 'date-time' })),
    observedGeneration: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
)

/** A finished step: the hash of what it was given, and what it gave back. */
const step = Type.Object(
  {
    inputsHash: Type.String(),
    result: Type.Optional(Type.Unknown({ 'x-kubernetes-preserve-unknown-fields': true })),
  },
  { additionalProperties: false },
)

export const statusFields = {
  observedGeneration: Type.Optional(
    Type.Integer({ minimum: 0, description: 'Generation of the spec that this status answers.' }),
  ),
  conditions: Type.Optional(
    Type.Array(condition, {
      description: 'Synced, Ready, and what Ready waits for.',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
    }),
  ),
  steps: Type.Optional(
    Type.Record(Type.String(), step, {
      description: 'Finished steps by name: their Jobs are no longer needed.',
    }),
  ),
}

/** Where the administrator's login is kept. */
export const secretReference = Type.Object(
  {
    namespace: Type.String(),
    name: Type.String(),
  },
  { additionalProperties: false },
)
