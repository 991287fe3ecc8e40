import Type from 'typebox'
import {
  edition as editionField,
  environmentUid,
  hosting,
  major,
  name,
  port,
  text,
} from './fields.ts'

export const claimArgs = Type.Object({
  environment: name,
  environmentUid,
  client: name,
  name,
  major,
  hosting,
  source: Type.Union([
    Type.Literal('template'),
    Type.Literal('backup'),
    Type.Literal('environment'),
  ]),
  edition: Type.Optional(editionField),
  sourceEnvironment: Type.Optional(name),
  sourceBackup: Type.Optional(text),
  neutralise: Type.Boolean({ default: false }),
  database: name,
  role: name,
  namespace: name,
  credentialsSecret: text,
  databaseSecret: text,
  facts: text,
  postgresHost: text,
  postgresPort: port,
  ownerEmail: text,
  ownerName: text,
  language: text,
  timezone: text,
  currency: text,
  country: Type.Optional(text),
  modules: Type.Array(Type.String(), { default: [] }),
  baseUrl: text,
  reportUrl: Type.Optional(text),
  filestoreClaim: text,
})

/** What a claim is told, as `task-args.ts` of the compositions writes it. */
export type ClaimArgs = Type.Static<typeof claimArgs>

/** A claim of a database that comes from a template. */
export type TemplateClaimArgs = ClaimArgs & { readonly edition: 'basic' | 'pro' }
