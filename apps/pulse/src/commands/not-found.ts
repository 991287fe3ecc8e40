import { type KindDefinition, StatusError } from '@pulse/api'

/** An object that a command line names and that is not there. */
export function notFound({ plural }: KindDefinition, name: string): StatusError {
  return new StatusError('NotFound', `${plural} "${name}" not found`)
}
