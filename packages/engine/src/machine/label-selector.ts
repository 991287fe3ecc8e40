import type { LabelSelector } from './kinds.ts'

type Labels = Readonly<Record<string, string>>

/** Whether the labels meet the selector; an empty selector is met by all, as in Kubernetes. */
export function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelector,
  labels: Labels = {},
): boolean {
  const isEqual = Object.entries(matchLabels).every(([key, value]) => labels[key] === value)
  return isEqual && matchExpressions.every((expression) => meets(expression, labels))
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number]

function meets({ key, operator, values = [] }: Expression, labels: Labels): boolean {
  const value = labels[key]
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
  }
}
