import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

type Comments = ReadonlyMap<string, string>;

const SHARED = fileURLToPath(new URL('../shared/src', import.meta.url));

/**
 * Makes the bundled declarations readable in an editor. The compiler emits the inferred type of a schema without the
 * comments of its fields and without a name. This restores the comments, and turns the type of an object schema into an
 * interface, which editors show by its name instead of expanding it. See decision 57.
 */
export function readableDeclarations(declarations: string): string {
  return named(commented(declarations));
}

/** Restores the comments. A shape is identified by the names of its fields. */
function commented(declarations: string): string {
  const known = commentsOfShapes();
  const source = ts.createSourceFile('index.d.ts', declarations, ts.ScriptTarget.Latest, true);
  const inserts: { readonly at: number; readonly text: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeLiteralNode(node)) {
      const members = node.members.filter(ts.isPropertySignature);
      const nameOf = (member: ts.PropertySignature) => member.name.getText(source);
      const comments = known.get(keyOf(members.map(nameOf)));
      for (const member of members) {
        const comment = comments?.get(nameOf(member));
        const at = member.getStart(source);
        const indent = ' '.repeat(source.getLineAndCharacterOfPosition(at).character);
        if (comment !== undefined) inserts.push({ at, text: `${commentOf(comment)}\n${indent}` });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return inserts
    .toSorted((one, other) => other.at - one.at)
    .reduce((text, insert) => text.slice(0, insert.at) + insert.text + text.slice(insert.at), declarations);
}

function named(declarations: string): string {
  return declarations.replaceAll(
    /^type (\w+) = (z\.(?:infer|input|output)<typeof (\w+)>);$/gm,
    (alias: string, ...[name = '', type = '', schema = '']: string[]) =>
      declarations.includes(`declare const ${schema}: z.ZodObject<`)
        ? `interface ${name} extends ${type} {}`
        : alias,
  );
}

/** The commented fields of every object schema. */
function commentsOfShapes(): ReadonlyMap<string, Comments> {
  const files = readdirSync(SHARED).map((name) => `${SHARED}/${name}`);
  const program = ts.createProgram(files, {
    strict: true,
    target: ts.ScriptTarget.ES2023,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
  });
  const checker = program.getTypeChecker();
  const shapes = new Map<string, Comments>();
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) {
      const output = outputOf(checker, node);
      if (output !== undefined) remember(checker, output, shapes);
    }
    ts.forEachChild(node, visit);
  };
  for (const file of files.flatMap((name) => program.getSourceFile(name) ?? [])) visit(file);
  return shapes;
}

/** The output type of a zod object; undefined for any other expression. */
function outputOf(checker: ts.TypeChecker, node: ts.Expression): ts.Type | undefined {
  const type = checker.getTypeAtLocation(node);
  if (type.symbol?.name !== 'ZodObject') return undefined;
  const shape = type.getProperty('shape');
  return shape && checker.getTypeOfSymbolAtLocation(shape, node);
}

function remember(checker: ts.TypeChecker, shape: ts.Type, shapes: Map<string, Comments>): void {
  const fields = shape.getProperties();
  const comments = fields.flatMap((field): [string, string][] => {
    const text = ts.displayPartsToString(field.getDocumentationComment(checker));
    return text === '' ? [] : [[field.name, text]];
  });
  if (comments.length > 0) shapes.set(keyOf(fields.map(({ name }) => name)), new Map(comments));
}

function keyOf(names: readonly string[]): string {
  return names.toSorted().join();
}

function commentOf(text: string): string {
  return `/** ${text.replaceAll(/\s*\n\s*/g, ' ')} */`;
}
