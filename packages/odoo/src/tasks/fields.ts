import Type from 'typebox'

/** Arguments that several tasks take. */
export const major = Type.Union([Type.Literal('17'), Type.Literal('18'), Type.Literal('19')])
export const edition = Type.Union([Type.Literal('basic'), Type.Literal('pro')])
export const hosting = Type.Union([Type.Literal('pool'), Type.Literal('instance')])
/** Fits into a name of PostgreSQL and of Kubernetes. */
export const name = Type.String({ minLength: 1, maxLength: 63 })
export const text = Type.String({ minLength: 1, maxLength: 4096 })
export const environmentUid = Type.String({ pattern: '^[0-9a-f-]{8,36}$' })
export const port = Type.Integer({ minimum: 1, maximum: 65_535 })
