import ts from 'typescript';
import { isGuarded } from './guarded-files.js';
import { SiteFinder } from './site-finder.js';
import type { Change, RefusalSite } from './site-finder.js';

interface SwitchedSource {
  readonly sites: readonly RefusalSite[];
  /** The source, in which each site asks `globalThis.__refusal(id)` whether it is switched off. */
  readonly code: string;
}

/**
 * Finds every refusal in a file that is guarded, and in others what binds to an owner. The list is complete by construction: it
 * follows from the syntax.
 */
export function switchRefusals(file: string, text: string): SwitchedSource {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const finder = new SiteFinder(source, file);
  if (isGuarded(file)) finder.visit(source);
  else finder.visitOwners(source);
  return { sites: finder.changes.map(({ site }) => site), code: applied(text, finder.changes) };
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
