import { type Condition, type KubeObject, recordOf } from '@pulse/api'

const maxMessageLength = 400

/** A condition with a stable message of one line, whatever text it is given. */
export function makeCondition(
  type: string,
  status: 'True' | 'False',
  { reason, message }: { readonly reason: string; readonly message: string },
): Condition {
  return { type, status, reason, message: oneLine(message) }
}

/** White space folded and the end cut off, so that a log's tail fits into a condition. */
export function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > maxMessageLength ? `${line.slice(0, maxMessageLength - 1)}…` : line
}

/** A condition that the object's status holds. */
export function conditionOf(object: KubeObject | undefined, type: string): Condition | undefined {
  const conditions = statusOf(object).conditions
  return Array.isArray(conditions)
    ? conditions.find((condition) => condition?.type === type)
    : undefined
}

export function isTrue(object: KubeObject | undefined, type: string): boolean {
  return conditionOf(object, type)?.status === 'True'
}

/** The status as a plain record: built-in kinds are read field by field, since anyone may have written them. */
export function statusOf(object: KubeObject | undefined): Readonly<Record<string, unknown>> {
  return recordOf(object?.status)
}
