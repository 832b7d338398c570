import ts from 'typescript';

interface DeclaredField {
  /** `LaunchRequestInput.diskSize`. */
  readonly path: string;
  readonly type: string;
  /** What an editor shows; empty without a comment. */
  readonly comment: string;
}

/** Every field and method of the types, classes and interfaces that a declaration file has. */
export function declaredFields(text: string): DeclaredField[] {
  const file = ts.createSourceFile('declared.d.ts', text, ts.ScriptTarget.Latest, true);
  const found: DeclaredField[] = [];
  const visit = (node: ts.Node, owner: string): void => {
    let path = owner;
    if (isField(node)) {
      path = `${owner}.${node.name.getText()}`;
      const comments = ts.getJSDocCommentsAndTags(node).map((comment) => comment.getText());
      const type = (node.type?.getText() ?? '').replaceAll(/\s+/g, ' ');
      if (!ts.isPrivateIdentifier(node.name)) {
        found.push({ path, type, comment: comments.join(' ').replaceAll(/[\s*/]+/g, ' ') });
      }
    } else if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) path = node.name.text;
    else if (ts.isClassDeclaration(node)) path = node.name?.text ?? '';
    ts.forEachChild(node, (child) => visit(child, path));
  };
  visit(file, '');
  return found;
}

function isField(
  node: ts.Node,
): node is ts.PropertySignature | ts.MethodSignature | ts.PropertyDeclaration | ts.MethodDeclaration {
  return (
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node)
  );
}

const TEXT_OR_NUMBER = /^(?:readonly )?(?:string|number)(?:\[\])?(?: \| (?:undefined|null))*$/;
const NUMBER = /^number\b/;
const UNIT =
  /seconds|minutes|\bGB\b|bytes|percent|US dollars|fraction|0 to 1|status|number|how many|count|entries|nodes|launches|retries|attempts|logs|values|position|from [01]|threads|port\b|8000|\b1 where absent/i;

/** What an editor would not explain: no comment, a number without its unit, a text or a number without a value. */
export function unexplained({ path, type, comment }: DeclaredField): string | undefined {
  if (comment.trim() === '') return `${path} has no comment`;
  if (NUMBER.test(type) && !UNIT.test(comment)) return `${path} names no unit: ${comment}`;
  if (TEXT_OR_NUMBER.test(type) && !/`|\d/.test(comment)) return `${path} shows no value: ${comment}`;
  return undefined;
}
