import { InvalidArgumentError } from 'commander';

/** Reads a number of the command line; anything that is not entirely a number is refused. */
export function numberOption(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('It must be a number.');
  return value;
}

/** Collects an option that may be given several times or hold several values with commas between them. */
export function listOption(text: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), ...text.split(',').map((part) => part.trim())].filter((part) => part !== '');
}
