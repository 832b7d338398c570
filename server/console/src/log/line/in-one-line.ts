/** Shows line ends as a sign of the same length, so that colours and search marks stay where they are. */
export function inOneLine(text: string): string {
  return text.replaceAll('\n', '⏎');
}
