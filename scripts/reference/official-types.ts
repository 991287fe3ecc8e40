import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiVersionOf, createClientKinds, type KindDefinition } from '@pulse/api'
import ts from 'typescript'
import type { GeneratedFile } from './generated-file.ts'

const folder = 'packages/api/src/built-in'

interface Field {
  readonly name: string
  /** As `official-schema.ts` reads it. */
  readonly type: string
  readonly description: string
}

type Found = Map<string, readonly Field[]>

/**
 * The fields of Kubernetes' own kinds that are served, from the declarations of the packages that check them: what they
 * hold, and apart from it what they mean, for which is asked less often.
 */
export function officialTypes(): readonly GeneratedFile[] {
  const found: Found = new Map()
  for (const kind of createClientKinds().kinds.filter(({ structural }) => !structural)) {
    collect(declarationOf(kind), found)
  }
  const types = [...found].toSorted(([one], [other]) => (one < other ? -1 : 1))
  return [
    json(
      'official-types.json',
      types.map(([name, fields]) => [name, fields.map((field) => [field.name, field.type])]),
    ),
    json(
      'official-descriptions.json',
      types.map(([name, fields]) => [
        name,
        fields
          .filter(({ description }) => description !== '')
          .map((field) => [field.name, field.description]),
      ]),
    ),
  ]
}

function json(
  name: string,
  types: readonly (readonly [string, readonly (readonly [string, string])[]])[],
): GeneratedFile {
  const content = types
    .filter(([, fields]) => fields.length > 0)
    .map(([type, fields]) => [type, Object.fromEntries(fields)] as const)
  const text = `${JSON.stringify(Object.fromEntries(content), null, 2)}\n`
  return { path: `${folder}/${name}`, text }
}

function declarationOf({ group, version, kind }: KindDefinition): string {
  const model = group.startsWith('gateway.')
    ? '@kubernetes-models/gateway-api'
    : 'kubernetes-models'
  return fileOf(`${model}/${apiVersionOf({ group, version })}/${kind}`)
}

function fileOf(specifier: string): string {
  return asDeclaration(fileURLToPath(import.meta.resolve(specifier)))
}

function asDeclaration(file: string): string {
  return file.replace(/\.js$/, '.d.ts')
}

/** The type that a file declares, and all those that it is made of. */
function collect(file: string, found: Found): void {
  const name = nameOf(file)
  if (found.has(name)) return
  found.set(name, [])
  found.set(name, fieldsOf(file, found))
}

function fieldsOf(file: string, found: Found): readonly Field[] {
  const declaration = declarationIn(file)
  if (!ts.isInterfaceDeclaration(declaration)) throw new Error(`${file} has no fields`)
  const imports = importsOf(file)
  const parents = (declaration.heritageClauses ?? []).flatMap(({ types }) =>
    types.map((type) => imports.get(type.getText()) ?? ''),
  )
  const isKind = parents.some((parent) => parent.includes('/base/'))
  const write = writer(file, (target) => {
    collect(target, found)
    return nameOf(target)
  })
  const own = declaration.members.filter(ts.isPropertySignature).map((member) => {
    const name = member.name.getText().replaceAll('"', '')
    // Of a kind the declarations demand what says which it is; Kubernetes' own schemas do not.
    const isOptional = member.questionToken || (isKind && /^(apiVersion|kind)$/.test(name))
    return {
      name,
      type: `${write(member.type)}${isOptional ? '' : '!'}`,
      description: brief(documentationOf(member)),
    }
  })
  return [...(isKind ? [] : parents.flatMap((parent) => fieldsOf(parent, found))), ...own]
}

/** `…/kubernetes-models/apps/v1/Deployment.d.ts` is `apps.v1.Deployment`, what has no group is of `core`. */
function nameOf(file: string): string {
  const path = /.*models\/(?:gateway-api\/|apimachinery\/(?:apis|api|util)\/)?(.*)\.d\.ts$/.exec(
    file,
  )?.[1]
  if (path === undefined) throw new Error(`${file} declares no type of Kubernetes`)
  return (path.startsWith('v1/') ? `core/${path}` : path).replaceAll('/', '.')
}

/** Types that are no records, or whose fields are free. */
const plain: Readonly<Record<string, string>> = {
  'intstr.IntOrString': 'IntOrString',
  'meta.v1.FieldsV1': 'FieldsV1',
  'meta.v1.MicroTime': 'MicroTime',
  'meta.v1.Time': 'Time',
  'resource.Quantity': 'Quantity',
}

/** Writes types down as a file knows them; `refer` names one that has fields. */
function writer(file: string, refer: (file: string) => string): (type?: ts.TypeNode) => string {
  const imports = importsOf(file)
  const write = (type: ts.TypeNode | undefined): string => {
    if (!type) throw new Error(`${file}: a field has no type`)
    if (type.kind === ts.SyntaxKind.StringKeyword) return 'string'
    // No field of these kinds holds a fraction: the conventions of Kubernetes' API want none.
    if (type.kind === ts.SyntaxKind.NumberKeyword) return 'integer'
    if (type.kind === ts.SyntaxKind.BooleanKeyword) return 'boolean'
    const values = literalsOf(type)
    if (values.length > 0) {
      if (values.some((value) => typeof value === 'number')) return 'integer'
      return values.length === 1 ? 'string' : `=${values.join('|')}`
    }
    if (ts.isTypeLiteralNode(type)) {
      const [index] = type.members.filter(ts.isIndexSignatureDeclaration)
      if (index) return `{}${write(index.type)}`
    }
    if (!ts.isTypeReferenceNode(type)) throw new Error(`${file}: what is ${type.getText()}?`)
    const [item] = type.typeArguments ?? []
    if (item) return `[]${write(item)}`
    const target = imports.get(type.getText())
    if (target === undefined) throw new Error(`${file}: where is ${type.getText()}?`)
    const word = plain[nameOf(target)]
    if (word !== undefined) return word
    const declaration = declarationIn(target)
    return ts.isTypeAliasDeclaration(declaration)
      ? writer(target, refer)(declaration.type)
      : refer(target)
  }
  return write
}

function literalsOf(type: ts.TypeNode): readonly (string | number)[] {
  const parts = ts.isUnionTypeNode(type) ? type.types : [type]
  const values = parts.map((part) => {
    if (!ts.isLiteralTypeNode(part)) return []
    if (ts.isStringLiteral(part.literal)) return [part.literal.text]
    return ts.isNumericLiteral(part.literal) ? [Number(part.literal.text)] : []
  })
  return values.some((value) => value.length === 0) ? [] : values.flat()
}

const parsed = new Map<string, ts.SourceFile>()

function parse(file: string): ts.SourceFile {
  const known = parsed.get(file)
  if (known) return known
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  parsed.set(file, source)
  return source
}

/** Each file declares one type, as an interface or as another name of one. */
function declarationIn(file: string): ts.InterfaceDeclaration | ts.TypeAliasDeclaration {
  const declaration = parse(file).statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement),
  )
  if (declaration) return declaration
  throw new Error(`${file} declares nothing`)
}

function importsOf(file: string): ReadonlyMap<string, string> {
  const imports = new Map<string, string>()
  for (const { importClause, moduleSpecifier } of parse(file).statements.filter(
    ts.isImportDeclaration,
  )) {
    const named = importClause?.namedBindings
    if (!named || !ts.isNamedImports(named) || !ts.isStringLiteral(moduleSpecifier)) continue
    const { text } = moduleSpecifier
    const target = text.startsWith('.') ? asDeclaration(resolve(dirname(file), text)) : fileOf(text)
    for (const { name } of named.elements) imports.set(name.text, target)
  }
  return imports
}

function documentationOf(member: ts.PropertySignature): string {
  return ts
    .getJSDocCommentsAndTags(member)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? '')
    .join(' ')
}

/** More than a screen of `kubectl explain` shows at a glance is not kept. */
const briefLength = 200

/** The first sentence, and those after it that have room. */
function brief(text: string): string {
  const [told = ''] = text.replaceAll(/\s+/g, ' ').split(/\s*(?:More info:|Possible enum values:)/)
  const [first = '', ...rest] = told.trim().split(/(?<=[.!?]) (?=[A-Z"])/)
  let length = first.length
  const kept = rest.map((sentence) => {
    length += sentence.length + 1
    return length
  })
  return [first, ...rest.slice(0, kept.filter((sum) => sum <= briefLength).length)].join(' ')
}
