import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import { Style } from '../screen/style.js';
import type { CliSession } from '../session/cli-session.js';
import type { OutputFlags } from './output-flag.js';
import { restDocument } from '../screen/rest-document.js';

interface Printout<Item extends object> {
  readonly item: Item;
  /** For people. */
  readonly text: (style: Style) => string;
  /** What a command takes; several make a line each. */
  readonly name: string | readonly string[];
  /** The item as REST has it. */
  readonly rest?: object;
}

/** Prints one thing in the form that `-o`, `-q` or `--json` asks for. */
export function printOne<Item extends object>(
  session: CliSession,
  flags: OutputFlags,
  printout: Printout<Item>,
): void {
  const { item, text, name, rest = snakeCaseKeys(item) } = printout;
  const { output = 'table' } = flags;
  const { stdout, environment } = session.process;
  if (flags.json === true) session.print(neutralJson(item));
  else if (flags.quiet === true || output === 'name') {
    const lines = [name].flat().map((each) => neutralise(each, false));
    if (lines.join('') !== '') session.print(lines.join('\n'));
  } else if (output === 'json' || output === 'yaml') session.print(restDocument(rest, output));
  else session.print(text(Style.for(stdout, environment, flags.color)));
}
