/** What every composite's status holds beside its own facts. */
import Type from 'typebox'
import { oneOf } from './fields.ts'

const condition = Type.Object(
  {
    type: Type.String({ maxLength: 316, description: 'What it tells about.' }),
    status: oneOf(['True', 'False', 'Unknown'], { description: 'Whether it is so.' }),
    reason: Type.String({ maxLength: 1024, description: 'Why, as one CamelCase word.' }),
    message: Type.Optional(
      Type.String({ maxLength: 32768, description: 'Why, as one line for people.' }),
    ),
    lastTransitionTime: Type.Optional(
      Type.String({ format: 'date-time', description: 'When the status changed last.' }),
    ),
    observedGeneration: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Generation that it is about.' }),
    ),
  },
  { additionalProperties: false },
)

/** A finished step: the hash of what it was given, and what it gave back. */
const step = Type.Object(
  {
    inputsHash: Type.String({ description: 'Hash of what the step was given.' }),
    result: Type.Optional(
      Type.Unknown({
        'x-kubernetes-preserve-unknown-fields': true,
        description: 'What the step gave back.',
      }),
    ),
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
    namespace: Type.String({ description: 'Namespace of the Secret.' }),
    name: Type.String({ description: 'Name of the Secret.' }),
  },
  { additionalProperties: false, description: "Secret with the administrator's login." },
)
