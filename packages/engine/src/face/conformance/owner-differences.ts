import type { Difference } from './difference.ts'

/** Where `managedFields` tell otherwise who owns what. */
export const ownerDifferences: readonly Difference[] = [
  {
    what: "A manager is gone from `managedFields` once the fields that it owned are gone or another's.",
    why: 'A cluster keeps it for the maps around them.',
    at: /\.managedFields\[\]$|\.fieldsV1\.f:metadata(\.f:labels\.f:l)?$/,
    rows: [
      'updating: as another manager',
      'updating-ours: labels by the status',
      'updating-ours: no status',
      'updating-ours: patch the status',
      'updating-ours: patch the status by the main door',
      'updating-ours: get',
      'scaling: what became of it',
    ],
  },
  {
    what: 'Who applies an empty set owns the field.',
    why: 'A cluster forgets it.',
    at: /\.managedFields\[\]$/,
    rows: ['applying: ours: a member goes'],
  },
  {
    what: 'The parts of selectors, role references and the objects of events are owned one by one.',
    why: 'A cluster treats them as one value; they are immutable here as there.',
    at: /f:(selector|roleRef|involvedObject|podSelector|scaleTargetRef|source)(\.f:\w+)*$/,
    rows: 'anywhere',
  },
  {
    what: 'Who writes an owner reference owns each of its fields.',
    why: 'A cluster says it of the whole.',
    at: /f:ownerReferences/,
    rows: ['creating: an owner'],
  },
]
