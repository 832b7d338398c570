import ts from 'typescript';

/** Throws, or leaves with nothing, false or an answer that is a refusal. */
export function endsInRefusal(statement: ts.Statement): boolean {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  if (last === undefined) return false;
  if (ts.isThrowStatement(last)) return true;
  if (ts.isContinueStatement(last)) return true;
  if (!ts.isReturnStatement(last)) return false;
  const value = last.expression?.getText() ?? 'undefined';
  return (
    /^(?:undefined|false|null|0|\[\]|\{\}|'[^']*'|void .*)$/.test(value) ||
    /refus|reject|close|drop|end\(|deny|fail/i.test(value)
  );
}

export function enclosingFunction(node: ts.Node): ts.SignatureDeclaration | undefined {
  for (let at = node.parent; ; at = at.parent) {
    if (ts.isFunctionLike(at)) return at;
    if (ts.isSourceFile(at)) return undefined;
  }
}

export function isPredicate(node: ts.SignatureDeclaration | undefined): boolean {
  const type = node?.type?.getText() ?? '';
  return /^(?:Promise<)?boolean>?$/.test(type) || type.includes(' is ');
}

/** The names of the classes and functions around a node. */
export function placeOf(node: ts.Node): string {
  const names: string[] = [];
  for (let at = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (isNamed(at) && at.name !== undefined) names.unshift(at.name.getText());
  }
  return names.join('.');
}

function isNamed(node: ts.Node) {
  return (
    ts.isClassDeclaration(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isVariableDeclaration(node)
  );
}

/** Literals that may hold a statement of SQL. */
export function isText(node: ts.Node): node is ts.TemplateLiteral | ts.StringLiteral {
  return (
    ts.isTemplateExpression(node) || ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)
  );
}
