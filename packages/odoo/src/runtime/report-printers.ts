import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { findProgram } from '../program.ts'

/** What Odoo prints reports with. */
const printers = ['wkhtmltopdf', 'wkhtmltoimage'] as const

/**
 * Puts the printers of this machine into a folder that a worker finds first. There they fetch everything through the
 * Odoo that prints (`POD_IP`): its tenants' hostnames, such as `*.localhost`, need not resolve for them, and no report
 * can reach anything but the worker it comes from. A printer that the machine lacks is not there either, so that Odoo
 * says so.
 */
export async function placeReportPrinters(
  folder: string,
  {
    httpPort,
    find = findProgram,
  }: { readonly httpPort: number; readonly find?: typeof findProgram },
): Promise<void> {
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o755)
  for (const name of printers) {
    const program = await find(name)
    const path = join(folder, name)
    if (program === undefined) {
      await rm(path, { force: true })
      continue
    }
    await writeFile(`${path}.next`, scriptOf(program, httpPort))
    await chmod(`${path}.next`, 0o755)
    await rename(`${path}.next`, path)
  }
}

/**
 * Resolving names is left to the proxy, else the printer would give up before it asks. A guarded worker answers only
 * whom it knows: what its process gives its children to say goes to the printer through a pipe, because arguments are
 * visible to everybody.
 */
function scriptOf(program: string, httpPort: number): string {
  const quoted = `'${program.replaceAll("'", `'\\''`)}'`
  return `#!/bin/sh
set -- \${POD_IP:+--proxy "http://$POD_IP:${httpPort}" --proxy-hostname-lookup} "$@"
[ -n "$PULSE_BACKEND_IDENTITY" ] || exec ${quoted} "$@"
line="--custom-header X-Pulse-Backend $PULSE_BACKEND_IDENTITY --custom-header-propagation"
for argument; do
  line="$line \\"$(printf %s "$argument" | sed 's/[\\\\"]/\\\\&/g')\\""
done
printf '%s\\n' "$line" | ${quoted} --read-args-from-stdin
`
}
