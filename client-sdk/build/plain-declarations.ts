import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { fieldNote } from './field-notes.ts';
import { TypePrinter } from './type-printer.ts';

const root = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const SHARED = root('shared/src');
const ROUTER = root('server/src/trpc/router.ts');
const TARGET = root('client-sdk/.cache/declarations');

/**
 * Writes the types of the wire and of the router as plain declarations, which name neither zod nor the server, and from
 * which the bundler makes the declarations of the package. See decision 157.
 */
export function writePlainDeclarations(): void {
  const files = readdirSync(SHARED, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const shared = files.map((name) => `${SHARED}/${name}`);
  const program = ts.createProgram([...shared, ROUTER], {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
    paths: { '@launchlog/shared/*': [`${SHARED}/*.ts`] },
  });
  const checker = program.getTypeChecker();
  const isPublic = (type: ts.Type) =>
    (type.symbol?.declarations ?? []).some((declaration) => {
      const source = declaration.getSourceFile();
      const isDeclared = program.isSourceFileDefaultLibrary(source) || source.fileName.includes('/@trpc/');
      return isDeclared && /^[A-Za-z]/.test(type.symbol.name);
    });
  const printer = new TypePrinter(checker, isPublic, fieldNote);
  // A second copy of the types, for stock clients alone: it stays short, and has the comments of types but not of fields.
  const brief = new TypePrinter(checker, isPublic, () => undefined);
  const sources = shared.flatMap((name) => program.getSourceFile(name) ?? []);
  const statements = sources.flatMap((source) => source.statements.filter(isExported));
  for (const statement of statements) {
    if (isTypeDeclaration(statement)) {
      const type = checker.getTypeAtLocation(statement.name);
      for (const each of [printer, brief]) each.name(type, statement.name.text);
    }
  }
  mkdirSync(TARGET, { recursive: true });
  const wireBy = (each: TypePrinter) =>
    `${statements.flatMap((statement) => declarationOf(statement, checker, each)).join('\n\n')}\n`;
  writeFileSync(`${TARGET}/wire.d.ts`, wireBy(printer));
  const router = program.getSourceFile(ROUTER);
  if (router === undefined) throw new Error(`${ROUTER} is not part of the program`);
  writeFileSync(`${TARGET}/router.d.ts`, `${routerDeclaration(router, checker, brief)}\n${wireBy(brief)}`);
}

function isExported(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

function isTypeDeclaration(
  statement: ts.Statement,
): statement is ts.TypeAliasDeclaration | ts.InterfaceDeclaration {
  return ts.isTypeAliasDeclaration(statement) || ts.isInterfaceDeclaration(statement);
}

/** Declarations of types, and of values that are not schemas and hold none. The package exports some of them. */
function declarationOf(statement: ts.Statement, checker: ts.TypeChecker, printer: TypePrinter): string[] {
  const comment = commentOf(statement);
  if (isTypeDeclaration(statement)) return [`${comment}${typeDeclaration(statement, checker, printer)}`];
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap((declaration) => {
    const type = checker.getTypeAtLocation(declaration.name);
    if (isSchema(type) || type.getProperties().some((field) => isSchema(checker.getTypeOfSymbol(field))))
      return [];
    return [`${comment}export declare const ${declaration.name.getText()}: ${printer.print(type)};`];
  });
}

function isSchema(type: ts.Type): boolean {
  return /^\$?Zod/.test(type.symbol?.name ?? '');
}

function typeDeclaration(
  statement: ts.TypeAliasDeclaration | ts.InterfaceDeclaration,
  checker: ts.TypeChecker,
  printer: TypePrinter,
): string {
  const name = statement.name.text;
  const type = checker.getTypeAtLocation(statement.name);
  if ((statement.typeParameters?.length ?? 0) > 0) return statement.getText();
  const text = ts.isInterfaceDeclaration(statement) ? printer.members(type) : printer.expanded(type);
  return text.startsWith('{') && text.indexOf('\n}') === text.length - 2
    ? `export interface ${name} ${text}`
    : `export type ${name} = ${text};`;
}

function commentOf(statement: ts.Statement): string {
  return ts
    .getJSDocCommentsAndTags(statement)
    .map((comment) => `${comment.getText()}\n`)
    .join('');
}

/** The router's procedures with the inputs and outputs that a client sees. */
function routerDeclaration(source: ts.SourceFile, checker: ts.TypeChecker, printer: TypePrinter): string {
  const alias = source.statements
    .filter(ts.isTypeAliasDeclaration)
    .find((statement) => statement.name.text === 'AppRouter');
  if (alias === undefined) throw new Error('there is no AppRouter');
  const follow = (from: ts.Type, ...path: string[]) =>
    path.reduce((type, name) => {
      const property = type.getProperty(name);
      if (property === undefined) throw new Error(`AppRouter has no ${path.join('.')}`);
      return checker.getTypeOfSymbol(property);
    }, from);
  const procedure = (type: ts.Type) => {
    const [kind, input, output] = [
      ['_def', 'type'],
      ['_def', '$types', 'input'],
      ['_def', '$types', 'output'],
    ].map((path) => printer.print(follow(type, ...path)));
    return `${KINDS[kind ?? '']}<{ meta: unknown; input: ${input}; output: ${output} }>`;
  };
  const procedures = (record: ts.Type): string => {
    const rows = record.getProperties().map((property) => {
      const type = checker.getTypeOfSymbol(property);
      return `${property.name}: ${type.getProperty('_def') === undefined ? procedures(type) : procedure(type)};`;
    });
    return `{\n${rows.join('\n')}\n}`;
  };
  const router = checker.getTypeAtLocation(alias.name);
  const errorShape = printer.print(follow(router, '_def', '_config', '$types', 'errorShape'));
  const types = `{ ctx: object; meta: object; errorShape: ${errorShape}; transformer: true }`;
  const record = procedures(follow(router, '_def', 'record'));
  const declaration = `export type AppRouter = TRPCBuiltRouter<${types}, ${record}>;`;
  const imported = [...new Set(declaration.match(/\bTRPC\w+/g))];
  return `import type { ${imported.join(', ')} } from '@trpc/server';

interface TrackedData<Data> {
  /** The position after the event: pass it as \`lastEventId\` to continue from there. */
  id: string;
  data: Data;
}

${declaration}
`;
}

const KINDS: Readonly<Record<string, string>> = {
  "'query'": 'TRPCQueryProcedure',
  "'mutation'": 'TRPCMutationProcedure',
  "'subscription'": 'TRPCSubscriptionProcedure',
};
