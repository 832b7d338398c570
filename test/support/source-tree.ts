import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

export interface ImportStatement {
  readonly specifier: string;
  readonly typeOnly: boolean;
  /** Path from the root of the repository for our own files, undefined for packages. */
  readonly target: string | undefined;
}

export interface SourceFile {
  /** From the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly ImportStatement[];
}

const SOURCE_FOLDERS = ['shared/src', 'server/src', 'server/console/src', 'client-sdk/src', 'test'];
const SKIPPED_FOLDERS = new Set(['node_modules', 'dist', 'fixtures']);
const PACKAGES: Readonly<Record<string, string>> = {
  '@launchlog/shared/': 'shared/src/',
  '@launchlog/server/': 'server/src/',
  '@launchlog/sdk/': 'client-sdk/src/',
};

/** Every TypeScript file of the project with its imports. */
export function readSourceTree(): readonly SourceFile[] {
  return SOURCE_FOLDERS.flatMap((folder) => listFiles(folder)).map((path) =>
    parseSource(path, readFileSync(join(root, path), 'utf8')),
  );
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
  return { path, text, lines: text.split('\n').length - 1, imports };
}

/** The same text without comments and the contents of strings: for rules about code. */
export function codeOf(file: SourceFile): string {
  return file.text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|[^:'"`])\/\/.*$/gm, '$1')
    .replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''");
}

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return SKIPPED_FOLDERS.has(entry.name) ? [] : listFiles(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts') ? [path] : [];
  });
}

function importOf(node: ts.Node, from: string): ImportStatement | undefined {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
    return statement(node.moduleSpecifier.text, isTypeOnly(node), from);
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
    return statement(node.moduleSpecifier.text, node.isTypeOnly, from);
  }
  const [argument] = ts.isCallExpression(node) ? node.arguments : [];
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && argument) {
    return ts.isStringLiteral(argument) ? statement(argument.text, false, from) : undefined;
  }
  return undefined;
}

function isTypeOnly(node: ts.ImportDeclaration): boolean {
  return node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword;
}

function statement(specifier: string, typeOnly: boolean, from: string): ImportStatement {
  return { specifier, typeOnly, target: targetOf(specifier, from) };
}

function targetOf(specifier: string, from: string): string | undefined {
  if (specifier.startsWith('.')) {
    const path = normalize(join(dirname(from), specifier));
    const component = path.replace(/\.js$/, '.tsx');
    return existsSync(join(root, component)) ? component : path.replace(/\.js$/, '.ts');
  }
  if (specifier === '@launchlog/sdk') return 'client-sdk/src/index.ts';
  const entry = Object.entries(PACKAGES).find(([name]) => specifier.startsWith(name));
  return entry && `${entry[1]}${specifier.slice(entry[0].length)}.ts`;
}
