import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import { neutralise, neutralJson } from '../screen/neutralise.js';
import { Style } from '../screen/style.js';
import type { CliSession } from '../session/cli-session.js';
import type { OutputFlags } from './output-flag.js';
import { restDocument } from '../screen/rest-document.js';

interface TableOptions {
  readonly style: Style;
  /** Width of the terminal; undefined for all columns. */
  readonly columns: number | undefined;
}

interface Printout<Item extends object> {
  readonly items: readonly Item[];
  /** The name of the list in REST. */
  readonly list: string;
  /** What a command takes. */
  readonly nameOf: (item: Item) => string;
  readonly table: (items: readonly Item[], options: TableOptions) => string;
  /** Printed for people where there are none. */
  readonly none: string;
  /** An item as REST has it. */
  readonly rest?: (item: Item) => object;
  /** What REST has beside the list. */
  readonly beside?: object;
}

/** Prints a list in the form that `-o`, `-q` or `--json` asks for. */
export function printItems<Item extends object>(
  session: CliSession,
  flags: OutputFlags,
  printout: Printout<Item>,
): void {
  const text = itemsText(session, flags, printout);
  if (text !== '') session.print(text);
}

function itemsText<Item extends object>(
  session: CliSession,
  flags: OutputFlags,
  printout: Printout<Item>,
): string {
  const { items, list, nameOf, table, none, rest = snakeCaseKeys, beside = {} } = printout;
  if (flags.json === true) return items.map((item) => neutralJson(item)).join('\n');
  if (flags.quiet === true) return namesText(items, nameOf);
  const { output = 'table' } = flags;
  switch (output) {
    case 'json':
    case 'yaml':
      return restDocument(
        { [list]: items.map((item) => rest(item)), count: items.length, ...beside },
        output,
      );
    case 'name':
      return namesText(items, nameOf);
    case 'table':
    case 'wide':
      return items.length === 0 ? none : table(items, tableOptions(session, flags));
  }
}

function namesText<Item>(items: readonly Item[], nameOf: (item: Item) => string): string {
  return items.map((item) => neutralise(nameOf(item), false)).join('\n');
}

function tableOptions({ process }: CliSession, { output, color }: OutputFlags): TableOptions {
  const { stdout, environment } = process;
  const style = Style.for(stdout, environment, color);
  return { style, columns: output === 'wide' || !stdout.isTTY ? undefined : stdout.columns };
}
