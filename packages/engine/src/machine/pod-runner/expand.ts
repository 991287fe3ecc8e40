/**
 * Expands `$(NAME)` as Kubernetes does in `command`, `args` and `env`: `$$` is a literal dollar, and a reference to an
 * unknown name stays as it is written.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replace(/\$(\$|\(([^)]*)\))/g, (written, what: string, name: string) => {
    if (what === '$') return '$'
    return variables.get(name) ?? written
  })
}
