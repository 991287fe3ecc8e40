import type { Registry } from './registries.ts'

/** One kind of value that registries remember, each under a key; loaded when it is asked for and not there. */
export type Remembered<T> = (
  registry: Registry,
  key: string | number,
  load: () => Promise<T>,
) => Promise<T>

/** A kind is declared once, so that what lies under its keys has its type. Values go with the registry's generation. */
export function createRemembered<T>(): Remembered<T> {
  const generations = new WeakMap<object, Map<string | number, Promise<T>>>()
  return (registry, key, load) => {
    const generation = registry.generation()
    const values = generations.get(generation) ?? new Map<string | number, Promise<T>>()
    generations.set(generation, values)
    const known = values.get(key)
    if (known) return known
    const value = load()
    values.set(key, value)
    value.catch(() => values.delete(key))
    return value
  }
}
