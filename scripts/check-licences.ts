/** Fails on a dependency whose licence a product may not ship with; the list is docs/reference/licences.md. */
import { isAllowed, listDependencies } from './licences.ts'

const dependencies = listDependencies()
const refused = dependencies.filter((dependency) => !isAllowed(dependency))
for (const { name, version, licence } of refused) {
  console.error(`${name}@${version}: licence ${licence} is not on the list`)
}
if (refused.length > 0) process.exitCode = 1
else console.log(`${dependencies.length} dependencies, all under licences that may be shipped`)
