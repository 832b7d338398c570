import { neutralJson } from './neutralise.js';
import { escapeUnprintable } from '@launchlog/shared/terminal-sequence';
import { yamlText } from './yaml-text.js';

/** One document as REST has it, harmless for a terminal. */
export function restDocument(value: object, format: 'json' | 'yaml'): string {
  const text =
    format === 'json' ? JSON.stringify(value, undefined, 2) : yamlText(JSON.parse(JSON.stringify(value)));
  return text.split('\n').map(escapeUnprintable).join('\n');
}

/** One of the documents of a stream, as REST has it: a line of JSON, or a YAML document after `---`. */
export function streamedText(value: object, format: 'json' | 'yaml'): string {
  return format === 'json' ? neutralJson(value) : `---\n${restDocument(value, format)}`;
}
