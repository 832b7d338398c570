import ts from 'typescript';

/**
 * Marks the schemas of a module as free of side effects, so that the bundler drops those that nobody uses, and zod with them.
 * A schema only computes, but it is made by calls, of which a bundler cannot know that.
 */
export function pureSchemas(code: string): string {
  const source = ts.createSourceFile('schemas.ts', code, ts.ScriptTarget.Latest, true);
  const calls = source.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) => [...statement.declarationList.declarations])
    .flatMap(({ initializer }) => (initializer && makesSchemas(initializer) ? [initializer] : []));
  const marked = calls
    .toReversed()
    .reduce(
      (text, call) =>
        `${text.slice(0, call.getStart(source))}/* @__PURE__ */ schemaOf(() => (${call.getText(source)}))${text.slice(call.end)}`,
      code,
    );
  // A call of its own: the bundler would unwrap a function that is called where it is written, and lose the mark.
  return `${marked}\nfunction schemaOf<Schema>(make: () => Schema): Schema {\n  return make();\n}\n`;
}

/** A schema, or an object of schemas that others spread. */
function makesSchemas(initializer: ts.Expression): boolean {
  if (ts.isCallExpression(initializer)) return true;
  return (
    ts.isObjectLiteralExpression(initializer) &&
    initializer.properties.some(
      (each) => ts.isPropertyAssignment(each) && ts.isCallExpression(each.initializer),
    )
  );
}
