import { stripControls, stripSequences } from '@launchlog/shared/terminal-sequence';

/** The text of one line as a terminal shows it in the end: without colours, controls and overwritten states. */
export function plainText(raw: string): string {
  return stripControls(lastState(stripSequences(raw.replaceAll('\r\n', '\n')))).trimEnd();
}

/** A progress bar returns to the beginning of the line and redraws itself: only its last state counts. */
function lastState(text: string): string {
  if (!text.includes('\r')) return text;
  return text.split('\r').findLast((state) => state.trim() !== '') ?? '';
}
