import { join } from 'node:path'

/**
 * Folders that tasks work in. Templates, staging and tombstones belong to Pulse and are closed to tenants; volumes
 * belong to tenants, so nothing there is believed.
 */
export interface FilestorePlaces {
  /** `{templates}/{template database}/filestore`. */
  readonly templates: string
  /** Same file system as the volumes, so that a finished filestore appears at once. */
  readonly staging: string
  readonly tombstones: string
  /** Folder of a volume claim `{namespace}/{claim}`. */
  volume(claim: string): string
}

/** The layout of one machine's state directory. */
export function machinePlaces(stateDir: string): FilestorePlaces {
  return {
    templates: join(stateDir, 'templates'),
    staging: join(stateDir, 'volumes', '.staging'),
    tombstones: join(stateDir, '.tombstones'),
    volume(claim) {
      const parts = claim.split('/')
      if (parts.length !== 2 || parts.some((part) => !/^[a-z0-9][a-z0-9.-]*$/.test(part))) {
        throw new Error(`volume claim ${JSON.stringify(claim)} must be {namespace}/{claim}`)
      }
      return join(stateDir, 'volumes', ...parts)
    },
  }
}

export function templateFilestore(places: FilestorePlaces, template: string): string {
  return join(places.templates, template, 'filestore')
}
