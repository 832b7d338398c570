// A percentage followed by a bar: tqdm (`37%|███▋ | 13/35`), vLLM (`25% Completed | 1/4`), pip and curl (`[==> ]`).
const BAR = /^(.{0,160}?)\s*\d{1,3}(?:\.\d+)?%(?: Completed)?\s*[|[█▏▎▍▌▋▊▉━╸]/;

/** The last state of a line that overwrote itself with carriage returns, and the number of states it replaced. */
export function foldCarriageReturns(message: string): { message: string; folded: number } {
  if (!message.includes('\r')) return { message, folded: 0 };
  const states = message.split(/\r+/).filter((state) => state.trim() !== '');
  return { message: states.at(-1) ?? '', folded: Math.max(0, states.length - 1) };
}

/** The part that all states of one progress bar share; undefined if the text is not a progress bar. */
export function progressBarKey(text: string): string | undefined {
  const match = BAR.exec(text);
  return match === null ? undefined : (match[1] ?? '').trimEnd();
}
