import { escapeUnprintable } from '@launchlog/shared/terminal-sequence';
import { yamlText } from '../screen/yaml-text.js';

/** One document as REST has it, harmless for a terminal. */
export function restDocument(value: object, format: 'json' | 'yaml'): string {
  const text =
    format === 'json' ? JSON.stringify(value, undefined, 2) : yamlText(JSON.parse(JSON.stringify(value)));
  return text.split('\n').map(escapeUnprintable).join('\n');
}
