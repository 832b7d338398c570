import { Option } from 'commander';
import type { Command } from 'commander';

/** `table`: for people. `wide`: every column. `json` and `yaml`: one document with the names of REST. `name`: one name in each line. */
export const OUTPUTS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Output = (typeof OUTPUTS)[number];

export interface OutputFlags {
  readonly output?: Output;
  /** The object of the SDK on one line. */
  readonly json?: boolean;
  /** Only what names a thing in a command. */
  readonly quiet?: boolean;
  readonly color: boolean;
}

/** Adds `-o` for lines, which have no names: `json` prints a line for each, `yaml` a document. */
export function addLineOutput(command: Command): Command {
  const forms = OUTPUTS.filter((output) => output !== 'name');
  return command
    .addOption(new Option('-o, --output <format>', 'how to print each line').choices(forms))
    .addOption(
      new Option('--json', 'print one JSON object per line, as in the REST API').conflicts('output'),
    );
}

/** Adds `-o`, and beside it `--json`, whose output never changes. */
export function addOutput(command: Command, jsonText = 'print one JSON object per line'): Command {
  return command
    .addOption(new Option('-o, --output <format>', 'how to print it').choices(OUTPUTS))
    .addOption(new Option('--json', jsonText).conflicts('output'));
}
