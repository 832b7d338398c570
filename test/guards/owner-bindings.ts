import ts from 'typescript';

/** Code that keeps what is one owner's from the others, and what it becomes when it is removed. */
interface OwnerBinding {
  readonly node: ts.Node;
  readonly put: (on: string, rest: string) => string;
}

const OWNER = '(?:by\\.)?(?:tenantId|deploymentId)';
const IS_UNBOUND = new RegExp(`^${OWNER} === undefined$`);
const IS_BOUND = new RegExp(`^${OWNER} !== undefined$`);
const COLUMN = /\b(?:tenant_id|deployment_id)\b/;
const NO_CONDITION = /^(?:\{\}|sql`true`)$/;

/**
 * Where a node is compared with its owner, a query is narrowed to what its caller may see, a statement has a condition on the tenant or
 * the deployment, and a cursor is bound to them.
 */
export function ownerBinding(node: ts.Node, file: string): OwnerBinding | undefined {
  if (ts.isCallExpression(node)) return boundCall(node);
  if (ts.isSpreadElement(node)) {
    const { expression } = node;
    return COLUMN.test(expression.getText())
      ? { node: expression, put: (on, rest) => `(${on} ? [] : ${rest})` }
      : undefined;
  }
  if (ts.isConditionalExpression(node)) {
    const isBinding = IS_UNBOUND.test(node.condition.getText()) && NO_CONDITION.test(node.whenTrue.getText());
    return isBinding ? { node: node.condition, put: (on, rest) => `(${on} || ${rest})` } : undefined;
  }
  if (ts.isPropertyAssignment(node)) return boundColumn(node, file);
  return ts.isBinaryExpression(node) ? boundOperand(node, file) : undefined;
}

function boundCall(node: ts.CallExpression): OwnerBinding | undefined {
  const name = node.expression.getText();
  if (name === 'belongsTo') return { node, put: (on, rest) => `(${on} || ${rest})` };
  const asked = node.arguments[1]?.getText();
  if (!/^(?:requireVisible|narrowToVisible)$/.test(name) || asked === undefined) return undefined;
  return { node, put: (on, rest) => `(${on} ? ${asked} : ${rest})` };
}

function boundColumn({ name, initializer }: ts.PropertyAssignment, file: string): OwnerBinding | undefined {
  const isCondition = /sql|statement/.test(file) && COLUMN.test(name.getText());
  if (!isCondition || !ts.isIdentifier(initializer)) return undefined;
  return { node: initializer, put: (on, rest) => `(${on} ? undefined : ${rest})` };
}

function boundOperand(node: ts.BinaryExpression, file: string): OwnerBinding | undefined {
  const left = node.left.getText();
  const { kind } = node.operatorToken;
  if (kind === ts.SyntaxKind.AmpersandAmpersandToken) {
    return IS_BOUND.test(left) && !ts.isObjectLiteralExpression(node.right)
      ? { node, put: (on, rest) => `(!${on} && ${rest})` }
      : undefined;
  }
  if (kind === ts.SyntaxKind.QuestionQuestionToken) {
    return /cursor/.test(file) && /^(?:tenantId|deploymentId)$/.test(left)
      ? { node, put: (on, rest) => `(${on} ? null : ${rest})` }
      : undefined;
  }
  return undefined;
}
