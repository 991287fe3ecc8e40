import { defineSettings } from '@pulse/service'
import Type from 'typebox'

/** How instances wake. */
export const forkSettings = defineSettings({
  forkedWorkers: {
    env: 'PLANA_FORKED_WORKERS',
    schema: Type.Union([Type.Literal('on'), Type.Literal('off')]),
    default: 'on',
    description:
      'on: an instance starts as a fork of a process that has its Odoo loaded, where that is possible',
  },
  forkLanguages: {
    env: 'PLANA_FORK_LANGUAGES',
    schema: Type.Array(Type.String({ pattern: '^[a-z]{2,3}(_[A-Za-z0-9@]{2,10})*$' }), {
      maxItems: 20,
    }),
    default: ['bg_BG'],
    defaultText: 'bg_BG',
    description: 'languages, with commas, whose first page is prepared before anybody asks for it',
  },
})
