import type { ScalarTag } from 'yaml';

/** A text as escaped ASCII: Python's YAML 1.1 parser reads `NO` as a boolean and rejects some characters. */
export class EscapedText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export const escapedTextTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  identify: (value) => value instanceof EscapedText,
  resolve: (text) => text,
  stringify: ({ value }) =>
    value instanceof EscapedText ? `"${Array.from(value.text, escaped).join('')}"` : String(value),
};

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x20 && code <= 0x7e) return character;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
