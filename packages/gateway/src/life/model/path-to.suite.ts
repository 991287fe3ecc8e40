export interface Explored<World> {
  readonly first: World
  readonly keyOf: (world: World) => number
  /** The key of the world from which this one was reached first. */
  readonly fromOf: (key: number) => number | undefined
  readonly movesOf: (world: World) => readonly { readonly name: string; readonly world: World }[]
}

/** Only the keys were kept: the moves between them are found by making them again. */
export function pathTo<World>(
  key: number,
  { first, keyOf, fromOf, movesOf }: Explored<World>,
): readonly string[] {
  const path: number[] = []
  for (let at: number | undefined = key; at !== undefined; at = fromOf(at)) path.unshift(at)
  const names = ['begin']
  let world = first
  for (const wanted of path.slice(1)) {
    const move = movesOf(world).find((one) => keyOf(one.world) === wanted)
    if (move === undefined) break
    names.push(move.name)
    world = move.world
  }
  return names
}
