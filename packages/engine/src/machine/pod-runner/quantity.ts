import { parseQuantity } from '@pulse/api'

/** A Kubernetes quantity as a number: `250m` is 0.25, `512Mi` is 536870912. Throws on what is none. */
export function mustParseQuantity(text: string): number {
  const amount = parseQuantity(text)
  if (amount === undefined) throw new Error(`not a quantity: ${text}`)
  return amount
}
