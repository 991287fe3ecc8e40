/** The first release of each affected series without the fault. */
const mendedIn: Readonly<Record<string, number>> = { '3.11': 8, '3.12': 2 }

/**
 * What is wrong with an interpreter that otherwise works: threads that parse literals at the same time make one another
 * fail (CPython gh-106905), which in Odoo shows as a first page without its styles.
 */
export function faultOfPython(version: string): string | undefined {
  const [, series = '', patch = ''] = /^(3\.\d+)\.(\d+)/.exec(version) ?? []
  const mended = mendedIn[series]
  if (mended === undefined || Number(patch) >= mended) return undefined
  return `Python ${version} may fail a request now and then while others are served (CPython gh-106905): ${series}.${mended} and later do not`
}
