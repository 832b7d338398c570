import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../..', import.meta.url));

export interface ImportStatement {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** The imported names, as the other file calls them: `*` stands for all of them. */
  readonly names: readonly string[];
  /** Path from the root of the repository for our own files, undefined for packages. */
  readonly target: string | undefined;
}

interface SourceText {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface SourceFile extends SourceText {
  readonly lines: number;
  readonly imports: readonly ImportStatement[];
  /** The names that the file declares and exports; a re-export is an import. */
  readonly exports: readonly string[];
  /** What the file exports of another one, in one statement or in two: a name, or `*`. */
  readonly reExports: readonly string[];
}

const SOURCE_FOLDERS = ['shared/src', 'server/src', 'server/console/src', 'client-sdk/src', 'test'];
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'fixtures']);
const PACKAGES: Readonly<Record<string, string>> = {
  '@launchlog/shared/': 'shared/src/',
  '@launchlog/server/': 'server/src/',
  '@launchlog/console/': 'server/console/src/',
  '@launchlog/sdk/': 'client-sdk/src/',
};

/** Every TypeScript file of the project. */
export function readSourceTexts(): readonly SourceText[] {
  const paths = SOURCE_FOLDERS.flatMap((folder) => listFiles(folder));
  return paths.map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** Every TypeScript file of the project with its imports: parsing them takes some seconds. */
export function readSourceTree(): readonly SourceFile[] {
  return readSourceTexts().map(({ path, text }) => parseSource(path, text));
}

/** The file with this path and text, whether it exists or not: tests of the rules plant such files. */
export function parseSource(path: string, text: string): SourceFile {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const imports: ImportStatement[] = [];
  const visit = (node: ts.Node): void => {
    const found = importOf(node, path);
    if (found) imports.push(found);
    ts.forEachChild(node, visit);
  };
  visit(source);
  const exports = source.statements.flatMap(exportedNames);
  const reExports = reExportedNames(source);
  return { path, text, lines: text.split('\n').length - 1, imports, exports, reExports };
}

const codes = new WeakMap<SourceText, string>();

/** The same text without comments and without what strings, patterns and JSX contain: for rules about code. */
export function codeOf(file: SourceText): string {
  const known = codes.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  let kept = '';
  let end = 0;
  for (const literal of literalsOf(source)) {
    kept += file.text.slice(end, literal.from);
    end = literal.to;
  }
  const code = `${kept}${file.text.slice(end)}`.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  codes.set(file, code);
  return code;
}

/** The contents of literals, in their order. Their quotes stay; a comment can then no longer begin inside of one. */
function literalsOf(node: ts.Node): readonly { readonly from: number; readonly to: number }[] {
  if (node.kind === ts.SyntaxKind.JsxText || node.kind === ts.SyntaxKind.RegularExpressionLiteral) {
    return [{ from: node.getStart(), to: node.getEnd() }];
  }
  if (ts.isStringLiteralLike(node) || ts.isTemplateTail(node)) {
    return [{ from: node.getStart() + 1, to: node.getEnd() - 1 }];
  }
  if (ts.isTemplateHead(node) || ts.isTemplateMiddle(node)) {
    return [{ from: node.getStart() + 1, to: node.getEnd() - 2 }];
  }
  const inner: { readonly from: number; readonly to: number }[] = [];
  ts.forEachChild(node, (child) => {
    inner.push(...literalsOf(child));
  });
  return inner;
}

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : listFiles(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

function importOf(node: ts.Node, from: string): ImportStatement | undefined {
  if (ts.isImportDeclaration(node)) {
    return statement(node.moduleSpecifier, from, { typeOnly: isTypeOnly(node), names: importedNames(node) });
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    const { exportClause } = node;
    const names = exportClause && ts.isNamedExports(exportClause) ? elementNames(exportClause) : ['*'];
    return statement(node.moduleSpecifier, from, { typeOnly: node.isTypeOnly, names });
  }
  const [argument] = ts.isCallExpression(node) ? node.arguments : [];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && argument) {
    return statement(argument, from, { typeOnly: false, names: ['*'] });
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
    return statement(node.argument.literal, from, { typeOnly: true, names: ['*'] });
  }
  return undefined;
}

function isTypeOnly(node: ts.ImportDeclaration): boolean {
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function importedNames({ importClause }: ts.ImportDeclaration): readonly string[] {
  const bindings = importClause?.namedBindings;
  const named = bindings === undefined ? [] : ts.isNamedImports(bindings) ? elementNames(bindings) : ['*'];
  return importClause?.name ? ['default', ...named] : named;
}

function elementNames(clause: ts.NamedImports | ts.NamedExports): readonly string[] {
  return clause.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
}

function exportedNames(node: ts.Statement): readonly string[] {
  if (ts.isExportAssignment(node)) return ['default'];
  if (ts.isExportDeclaration(node) && !node.moduleSpecifier && node.exportClause) {
    return ts.isNamedExports(node.exportClause)
      ? node.exportClause.elements.map(({ name }) => name.text)
      : [];
  }
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  const kinds = new Set(modifiers.map(({ kind }) => kind));
  if (!kinds.has(ts.SyntaxKind.ExportKeyword)) return [];
  if (kinds.has(ts.SyntaxKind.DefaultKeyword)) return ['default'];
  if (ts.isVariableStatement(node)) {
    return node.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  }
  const { name } = node as ts.Statement & { readonly name?: ts.Node };
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function reExportedNames(source: ts.SourceFile): readonly string[] {
  const exported = source.statements.filter(ts.isExportDeclaration);
  const imported = new Set(source.statements.filter(ts.isImportDeclaration).flatMap(localNames));
  return exported.flatMap(({ exportClause, moduleSpecifier }) => {
    if (exportClause === undefined || !ts.isNamedExports(exportClause)) return ['*'];
    const names = elementNames(exportClause);
    return moduleSpecifier ? names : names.filter((name) => imported.has(name));
  });
}

/** What an import is called in the file that has it. */
function localNames({ importClause }: ts.ImportDeclaration): readonly string[] {
  const bindings = importClause?.namedBindings;
  const named =
    bindings === undefined
      ? []
      : ts.isNamedImports(bindings)
        ? bindings.elements.map(({ name }) => name.text)
        : [bindings.name.text];
  return importClause?.name ? [importClause.name.text, ...named] : named;
}

function boundNames(name: ts.BindingName): readonly string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? boundNames(element.name) : []));
}

function statement(
  specifier: ts.Expression,
  from: string,
  { typeOnly, names }: Pick<ImportStatement, 'typeOnly' | 'names'>,
): ImportStatement | undefined {
  if (!ts.isStringLiteralLike(specifier)) return undefined;
  return { specifier: specifier.text, typeOnly, names, target: targetOf(specifier.text, from) };
}

function targetOf(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.'))
    return fileOf(normalize(join(dirname(from), specifier)).replace(/\.js$/, ''));
  const entry = Object.entries(PACKAGES).find(([name]) => `${specifier}/`.startsWith(name));
  if (entry && `${specifier}/` === entry[0]) return `${entry[1]}index.ts`;
  return entry && fileOf(`${entry[1]}${specifier.slice(entry[0].length)}`);
}

function fileOf(module: string): string {
  return existsSync(join(root, `${module}.tsx`)) ? `${module}.tsx` : `${module}.ts`;
}
