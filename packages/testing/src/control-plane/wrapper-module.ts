/** A Go module of ours that does nothing but require the one whose program is wanted. */
export interface WrapperModule {
  readonly goMod: string
  /** Absent: Go asks its checksum database. */
  readonly goSum?: string
}

/**
 * Modules whose own go.mod replaces others by folders beside it can be built neither by `go install` nor in place. As
 * the requirement of another module their replacements do not count.
 */
export function wrapperOf(module: string, version: string): WrapperModule {
  return { goMod: `module control-plane.test/wrapper\n\ngo 1.25\n\nrequire ${module} ${version}\n` }
}

/**
 * The same for Kubernetes, whose requirements name its own libraries by folder: what lies in `staging` of v1.X.Y is
 * published as v0.X.Y.
 */
export function kubernetesWrapper(
  version: string,
  upstream: { readonly goMod: string; readonly goSum: string },
): WrapperModule {
  const libraries = version.replace(/^v1\./, 'v0.')
  const lines = upstream.goMod
    .split('\n')
    .map((line) => line.replace(/^module .*$/, 'module control-plane.test/wrapper'))
    .map((line) => line.replace(/^(\s*)(\S+) => \.\/staging\/src\/\S+$/, `$1$2 => $2 ${libraries}`))
  return {
    goMod: `${lines.join('\n')}\nrequire k8s.io/kubernetes ${version}\n`,
    goSum: upstream.goSum,
  }
}
