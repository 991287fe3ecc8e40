import { compositeResourceDefinitionYaml, ownKinds } from '@pulse/api'
import type { GeneratedFile } from './generated-file.ts'

export const xrdFolder = 'infra/k8s/crossplane/xrds'

/** One CompositeResourceDefinition for each of our kinds. */
export function xrdManifests(): readonly GeneratedFile[] {
  return ownKinds().map((kind) => ({
    path: `${xrdFolder}/${kind.plural}.yaml`,
    text: compositeResourceDefinitionYaml(kind),
  }))
}
