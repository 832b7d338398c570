import ts from 'typescript';

/** One place where the code refuses something, and what it becomes when the refusal is removed. */
export interface RefusalSite {
  /** Stable while the lines above change: `file#place#kind` with a number where there are several. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly kind: RefusalKind;
  /** The code that is changed, on one line. */
  readonly code: string;
}

/**
 * - `if`: the condition of a refusal never holds
 * - `throw`: nothing is thrown
 * - `call`: a call of something that refuses is left out
 * - `true`, `false`: what a predicate returns
 * - `check`: a rule of a schema is left out
 * - `weaker`: a row of the access table asks for less
 * - `pattern`: one of a list of patterns is left out
 */
type RefusalKind = 'if' | 'throw' | 'call' | 'true' | 'false' | 'check' | 'weaker' | 'pattern';

interface Change {
  readonly site: RefusalSite;
  readonly from: number;
  readonly to: number;
  /** With `on`, a JavaScript expression that is true while this site is switched off; `rest` is the code in between. */
  readonly put: (on: string, rest: string) => string;
}

interface SwitchedSource {
  readonly sites: readonly RefusalSite[];
  /** The source, in which each site asks `globalThis.__refusal(id)` whether it is switched off. */
  readonly code: string;
}

const REFUSING = /^#?(?:require|refuse|admit|authorize|assert|meter|throwIf)/;
const CHECKS = new Set(['refine', 'superRefine', 'regex', 'min', 'max', 'strict', 'check']);
const WEAKER: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  scope: {
    "'admin'": "'logs:read'",
    "'nodes:write'": "'nodes:read'",
    "'nodes:read'": "'open'",
    "'logs:read'": "'open'",
  },
  bound: { "'refused'": "'all'", "'own'": "'all'" },
};
const CODE_MAX_CHARACTERS = 100;

/** Finds every refusal in a file. The list is complete by construction: it follows from the syntax. */
export function switchRefusals(file: string, text: string): SwitchedSource {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const finder = new SiteFinder(source, file);
  finder.visit(source);
  return { sites: finder.changes.map(({ site }) => site), code: applied(text, finder.changes) };
}

class SiteFinder {
  readonly changes: Change[] = [];
  readonly #source: ts.SourceFile;
  readonly #file: string;
  readonly #seen = new Map<string, number>();

  constructor(source: ts.SourceFile, file: string) {
    this.#source = source;
    this.#file = file;
  }

  readonly visit = (node: ts.Node): void => {
    if (ts.isIfStatement(node)) this.#ifStatement(node);
    else if (ts.isThrowStatement(node)) this.#throwStatement(node);
    else if (ts.isExpressionStatement(node)) this.#callStatement(node);
    else if (ts.isReturnStatement(node)) this.#returnStatement(node);
    else if (ts.isArrowFunction(node)) this.#arrowFunction(node);
    else if (ts.isCallExpression(node)) this.#call(node);
    else if (ts.isPropertyAssignment(node)) this.#property(node);
    else if (ts.isArrayLiteralExpression(node)) this.#patterns(node);
    ts.forEachChild(node, this.visit);
  };

  #ifStatement(node: ts.IfStatement): void {
    if (!endsInRefusal(node.thenStatement)) return;
    this.#add('if', node.expression, (on, rest) => `(${on} ? false : (${rest}))`);
  }

  /** One that an `if` guards is covered by its condition. */
  #throwStatement(node: ts.ThrowStatement): void {
    const isLast = ts.isBlock(node.parent) && node.parent.statements.at(-1) === node;
    const owner = isLast ? node.parent.parent : node.parent;
    if (ts.isIfStatement(owner) && owner.elseStatement === undefined) return;
    this.#add('throw', node, (on, rest) => `if (!${on}) { ${rest} }`);
  }

  #callStatement(node: ts.ExpressionStatement): void {
    const call = ts.isAwaitExpression(node.expression) ? node.expression.expression : node.expression;
    if (!ts.isCallExpression(call)) return;
    const { expression: callee } = call;
    const name = ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText(this.#source);
    if (REFUSING.test(name)) this.#add('call', node, (on, rest) => `if (!${on}) { ${rest} }`);
  }

  #returnStatement(node: ts.ReturnStatement): void {
    if (node.expression === undefined || !isPredicate(enclosingFunction(node))) return;
    this.#addBoth(node.expression);
  }

  #arrowFunction(node: ts.ArrowFunction): void {
    if (!ts.isBlock(node.body) && isPredicate(node)) this.#addBoth(node.body);
  }

  #call(node: ts.CallExpression): void {
    const { expression } = node;
    if (!ts.isPropertyAccessExpression(expression) || !CHECKS.has(expression.name.text)) return;
    if (/^Math$|^[a-z]+\.length$/.test(expression.expression.getText(this.#source))) return;
    const receiver = expression.expression.getText(this.#source);
    this.#add('check', node, (on, rest) => `(${on} ? ${receiver} : ${rest})`);
  }

  #property(node: ts.PropertyAssignment): void {
    if (!this.#file.endsWith('access-table.ts')) return;
    const name = node.name.getText(this.#source);
    const value = node.initializer.getText(this.#source);
    const weaker = name === 'limit' || name === 'audited' ? 'undefined' : WEAKER[name]?.[value];
    if (weaker !== undefined)
      this.#add('weaker', node.initializer, (on, rest) => `(${on} ? ${weaker} : ${rest})`);
  }

  #patterns(node: ts.ArrayLiteralExpression): void {
    if (!this.#file.includes('/redaction/')) return;
    for (const element of node.elements) {
      if (!/RegExp|\/[a-z]*,?$|pattern:/.test(element.getText(this.#source))) continue;
      this.#add('pattern', element, (on, rest) => `...(${on} ? [] : [${rest}])`);
    }
  }

  #addBoth(expression: ts.Expression): void {
    const { kind } = expression;
    if (kind !== ts.SyntaxKind.TrueKeyword) {
      this.#add('true', expression, (on, rest) => `(${on} ? true : ${rest})`);
    }
    if (kind !== ts.SyntaxKind.FalseKeyword) {
      this.#add('false', expression, (on, rest) => `(${on} ? false : ${rest})`);
    }
  }

  #add(kind: RefusalKind, node: ts.Node, put: Change['put']): void {
    const from = node.getStart(this.#source);
    const code = node.getText(this.#source).replace(/\s+/g, ' ').slice(0, CODE_MAX_CHARACTERS);
    const place = `${this.#file}#${placeOf(node)}#${kind}#${code}`;
    const count = (this.#seen.get(place) ?? 0) + 1;
    this.#seen.set(place, count);
    const line = this.#source.getLineAndCharacterOfPosition(from).line + 1;
    const site = { id: count === 1 ? place : `${place}#${count}`, file: this.#file, line, kind, code };
    this.changes.push({ site, from, to: node.end, put });
  }
}

/** Throws, or leaves with nothing, false or an answer that is a refusal. */
function endsInRefusal(statement: ts.Statement): boolean {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  if (last === undefined) return false;
  if (ts.isThrowStatement(last)) return true;
  if (ts.isContinueStatement(last)) return true;
  if (!ts.isReturnStatement(last)) return false;
  const value = last.expression?.getText() ?? 'undefined';
  return (
    /^(?:undefined|false|null|'[^']*'|void .*)$/.test(value) ||
    /refus|reject|close|drop|end\(|deny|fail/i.test(value)
  );
}

function enclosingFunction(node: ts.Node): ts.SignatureDeclaration | undefined {
  for (let at = node.parent; ; at = at.parent) {
    if (ts.isFunctionLike(at)) return at;
    if (ts.isSourceFile(at)) return undefined;
  }
}

function isPredicate(node: ts.SignatureDeclaration | undefined): boolean {
  const type = node?.type?.getText() ?? '';
  return /^(?:Promise<)?boolean>?$/.test(type) || type.includes(' is ');
}

/** The names of the classes and functions around a node. */
function placeOf(node: ts.Node): string {
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

/** Inner changes are made within outer ones. */
function applied(text: string, changes: readonly Change[]): string {
  const render = (from: number, to: number, within: readonly Change[]): string => {
    let result = '';
    let at = from;
    const open = within.toSorted((one, other) => one.from - other.from || other.to - one.to);
    while (open.length > 0) {
      const [outer] = open.splice(0, 1);
      if (outer === undefined) break;
      const inner = open.filter((change) => change.from >= outer.from && change.to <= outer.to);
      for (const change of inner) open.splice(open.indexOf(change), 1);
      const rest = render(outer.from, outer.to, inner);
      result +=
        text.slice(at, outer.from) +
        outer.put(`globalThis.__refusal(${JSON.stringify(outer.site.id)})`, rest);
      at = outer.to;
    }
    return result + text.slice(at, to);
  };
  return render(0, text.length, changes);
}
