import { escapeUnprintable } from '@launchlog/shared/terminal-sequence';
import { snakeCaseKeys } from '@launchlog/shared/wire-case';
import { neutralise } from './neutralise.js';
import { yamlText } from './yaml-text.js';

export const RECORD_OUTPUTS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type RecordOutput = (typeof RECORD_OUTPUTS)[number];

interface RecordOutputOptions<Item> {
  readonly output: RecordOutput;
  /** What REST calls the list. */
  readonly key: string;
  readonly nameOf: (item: Item) => string;
  /** For `table` and `wide`. */
  readonly table: () => string;
}

/** A list as `-o` names it. `json` and `yaml` are what REST answers. */
export function recordOutput<Item extends object>(
  items: readonly Item[],
  { output, key, nameOf, table }: RecordOutputOptions<Item>,
): string {
  const answer = () => ({ [key]: items.map((item) => snakeCaseKeys(item)), count: items.length });
  switch (output) {
    case 'json':
      return harmless(JSON.stringify(answer(), undefined, 2));
    case 'yaml':
      return harmless(yamlText(JSON.parse(JSON.stringify(answer()))));
    case 'name':
      return items.map((item) => neutralise(nameOf(item), false)).join('\n');
    case 'table':
    case 'wide':
      return table();
  }
}

function harmless(lines: string): string {
  return lines.split('\n').map(escapeUnprintable).join('\n');
}
