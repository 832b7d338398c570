import ts from 'typescript';
import { ownerBinding } from './owner-bindings.js';
import { endsInRefusal, enclosingFunction, isPredicate, isText, placeOf } from './refusal-syntax.js';
import { sqlConditions } from './sql-conditions.js';

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
 * - `or`: one of several reasons to refuse never holds
 * - `and`: one of several things that a predicate demands always holds
 * - `throw`: nothing is thrown
 * - `call`: a call of something that refuses is left out
 * - `true`, `false`: what a predicate returns
 * - `choice`: what is given only under a condition is always given
 * - `filter`: nothing is filtered out
 * - `bound`: one side of `Math.min` or `Math.max` is left out
 * - `where`: one condition of a statement always holds
 * - `check`: a rule of a schema is left out, or any number will do for a whole one
 * - `weaker`: a row of the access table asks for less
 * - `pattern`: one of a list of patterns is left out
 * - `owner`: what is one tenant's or deployment's is everybody's
 */
type RefusalKind =
  | 'if'
  | 'or'
  | 'and'
  | 'throw'
  | 'call'
  | 'true'
  | 'false'
  | 'choice'
  | 'filter'
  | 'bound'
  | 'where'
  | 'check'
  | 'weaker'
  | 'pattern'
  | 'owner';

export interface Change {
  readonly site: RefusalSite;
  readonly from: number;
  readonly to: number;
  /** With `on`, a JavaScript expression that is true while this site is switched off; `rest` is the code in between. */
  readonly put: (on: string, rest: string) => string;
}

const REFUSING = /^#?(?:require|refuse|admit|authorize|assert|meter|throwIf)/;
const CHECKS = new Set(
  'refine superRefine regex min max length strict check int positive nonnegative gte lte finite'.split(' '),
);
const NOTHING = /^(?:undefined|null|false|\[\]|''|0)$/;
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

export class SiteFinder {
  readonly changes: Change[] = [];
  readonly #source: ts.SourceFile;
  readonly #file: string;
  readonly #seen = new Map<string, number>();

  constructor(source: ts.SourceFile, file: string) {
    this.#source = source;
    this.#file = file;
  }

  /** Refusals of every kind. */
  readonly visit = (node: ts.Node): void => {
    this.#owner(node);
    if (ts.isIfStatement(node)) this.#ifStatement(node);
    else if (ts.isThrowStatement(node)) this.#throwStatement(node);
    else if (ts.isExpressionStatement(node)) this.#callStatement(node);
    else if (ts.isReturnStatement(node)) this.#returnStatement(node);
    else if (ts.isArrowFunction(node)) this.#arrowFunction(node);
    else if (ts.isConditionalExpression(node)) this.#choice(node);
    else if (ts.isCallExpression(node)) this.#call(node);
    else if (ts.isPropertyAssignment(node)) this.#property(node);
    else if (ts.isArrayLiteralExpression(node)) this.#patterns(node);
    else if (isText(node)) this.#statement(node);
    ts.forEachChild(node, this.visit);
  };

  /** What binds to an owner alone. */
  readonly visitOwners = (node: ts.Node): void => {
    this.#owner(node);
    ts.forEachChild(node, this.visitOwners);
  };

  #owner(node: ts.Node): void {
    const binding = ownerBinding(node, this.#file);
    if (binding !== undefined) this.#add('owner', binding.node, binding.put);
  }

  #ifStatement(node: ts.IfStatement): void {
    if (!endsInRefusal(node.thenStatement)) return;
    this.#add('if', node.expression, (on, rest) => `(${on} ? false : (${rest}))`);
    this.#operands('or', node.expression);
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

  /** `condition ? value : undefined`: the value is given in any case. */
  #choice({ condition, whenTrue, whenFalse }: ts.ConditionalExpression): void {
    const gives = [whenTrue, whenFalse].filter((branch) => !NOTHING.test(branch.getText(this.#source)));
    if (gives.length !== 1) return;
    const always = gives[0] === whenTrue;
    this.#add('choice', condition, (on, rest) => (always ? `(${on} || (${rest}))` : `(!${on} && (${rest}))`));
  }

  #call(node: ts.CallExpression): void {
    const { expression, arguments: given } = node;
    if (ts.isIdentifier(expression) && expression.text === 'and') {
      for (const condition of given) {
        this.#add('where', condition, (on, rest) => `(${on} ? undefined : ${rest})`);
      }
    }
    if (!ts.isPropertyAccessExpression(expression)) return;
    const name = expression.name.text;
    const receiver = expression.expression.getText(this.#source);
    if (receiver === 'Math' && (name === 'min' || name === 'max')) this.#bound(node);
    else if (name === 'filter') this.#add('filter', node, (on, rest) => `(${on} ? ${receiver} : ${rest})`);
    else if (receiver === 'z' && name === 'int') {
      this.#add('check', node, (on, rest) => `(${on} ? z.number : z.int)${rest.slice('z.int'.length)}`);
    } else if (CHECKS.has(name) && !/^[a-z]+\.length$/.test(receiver)) {
      this.#add('check', node, (on, rest) => `(${on} ? ${receiver} : ${rest})`);
    }
  }

  #bound({ expression, arguments: given }: ts.CallExpression): void {
    for (const side of given) {
      if (ts.isSpreadElement(side) || given.length < 2) continue;
      const isMin = expression.getText(this.#source) === 'Math.min';
      this.#add('bound', side, (on, rest) => `(${on} ? ${isMin ? 'Infinity' : '-Infinity'} : ${rest})`);
    }
  }

  #property(node: ts.PropertyAssignment): void {
    if (!/access-table\.ts$|open-operations\.ts$/.test(this.#file)) return;
    const name = node.name.getText(this.#source);
    const value = node.initializer.getText(this.#source);
    const weaker = name === 'limit' || name === 'audited' ? 'undefined' : WEAKER[name]?.[value];
    if (weaker === undefined) return;
    // It is read when it is asked for, so that it can be switched after the table was loaded.
    this.#add('weaker', node, (on) => `get ${name}() { return ${on} ? ${weaker} : ${value}; }`);
  }

  #patterns(node: ts.ArrayLiteralExpression): void {
    if (!this.#file.includes('/redaction/')) return;
    for (const element of node.elements) {
      if (!/RegExp|\/[a-z]*,?$|pattern:/.test(element.getText(this.#source))) continue;
      this.#add('pattern', element, (on, rest) => `...(${on} ? [] : [${rest}])`);
    }
  }

  /** A statement of SQL, as plain text or for drizzle's `sql`. */
  #statement(node: ts.TemplateLiteral | ts.StringLiteral): void {
    const text = node.getText(this.#source);
    if (!/\b(?:where|and)\s/.test(text) || !/[=<>]|\bis\b|\bin\b|\blike\b|\bbetween\b|\$\{/.test(text))
      return;
    if (!/sql|statement/.test(this.#file)) return;
    const plain = (on: string) => `(${on} ? ' or true' : '')`;
    const put = (on: string, rest: string): string => {
      if (ts.isStringLiteral(node)) return ` (${rest} ${text[0]} + ${plain(on)} + ${text[0]}) `;
      return ` (${rest} \${${ts.isTaggedTemplateExpression(node.parent) ? `sql.raw${plain(on)}` : plain(on)}}) `;
    };
    const from = node.getStart(this.#source) + 1;
    for (const part of sqlConditions(text.slice(1, -1))) {
      this.#addRange('where', node, { from: from + part.from, to: from + part.to, put });
    }
  }

  /** Each operand alone, within parentheses and negations too. */
  #operands(kind: 'or' | 'and', expression: ts.Expression): void {
    if (ts.isParenthesizedExpression(expression)) return this.#operands(kind, expression.expression);
    if (!ts.isBinaryExpression(expression)) return;
    const { kind: operator } = expression.operatorToken;
    const wanted = kind === 'or' ? ts.SyntaxKind.BarBarToken : ts.SyntaxKind.AmpersandAmpersandToken;
    if (operator !== wanted) return;
    for (const side of [expression.left, expression.right]) {
      const isNested = ts.isBinaryExpression(side) && side.operatorToken.kind === wanted;
      if (!isNested) this.#add(kind, side, (on, rest) => `(${on} ? ${kind === 'and'} : (${rest}))`);
      this.#operands(kind, side);
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
    this.#operands('and', expression);
    this.#operands('or', expression);
  }

  #add(kind: RefusalKind, node: ts.Node, put: Change['put']): void {
    this.#addRange(kind, node, { from: node.getStart(this.#source), to: node.end, put });
  }

  #addRange(kind: RefusalKind, node: ts.Node, change: Omit<Change, 'site'>): void {
    const { from, to } = change;
    const text = this.#source.text.slice(from, to).trim();
    const code = text.replace(/\s+/g, ' ').slice(0, CODE_MAX_CHARACTERS);
    const place = `${this.#file}#${placeOf(node)}#${kind}#${code}`;
    const count = (this.#seen.get(place) ?? 0) + 1;
    this.#seen.set(place, count);
    const line = this.#source.getLineAndCharacterOfPosition(from).line + 1;
    const site = { id: count === 1 ? place : `${place}#${count}`, file: this.#file, line, kind, code };
    this.changes.push({ site, ...change });
  }
}
