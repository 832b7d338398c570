/** Splits a line into words at blanks, with quotes and backslashes, as a POSIX shell does. Nothing is expanded. */
export function splitShellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let at = 0;
  while (at < line.length) {
    const character = line.charAt(at);
    if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      at += 1;
      continue;
    }
    const piece = pieceAt(line, at);
    word = (word ?? '') + piece.text;
    at = piece.end;
  }
  if (word !== undefined) words.push(word);
  return words;
}

export class ShellWordsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ShellWordsError';
  }
}

/** Quotes any text as one word of a POSIX shell. */
export function quoteShellWord(word: string): string {
  if (word.includes('\0')) throw new ShellWordsError('a word for a shell cannot have a NUL in it');
  // `~` and `=` are special in some positions only, but are always quoted.
  if (/^[A-Za-z0-9_./:@%+,-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

interface Piece {
  readonly text: string;
  readonly end: number;
}

function pieceAt(line: string, at: number): Piece {
  switch (line.charAt(at)) {
    case "'":
      return singleQuoted(line, at);
    case '"':
      return doubleQuoted(line, at);
    case '\\':
      if (at + 1 >= line.length) throw new ShellWordsError('ends with a backslash that escapes nothing');
      return { text: line.charAt(at + 1), end: at + 2 };
    default:
      return { text: line.charAt(at), end: at + 1 };
  }
}

function singleQuoted(line: string, at: number): Piece {
  const close = line.indexOf("'", at + 1);
  if (close === -1) throw new ShellWordsError('has a single quote that is never closed');
  return { text: line.slice(at + 1, close), end: close + 1 };
}

function doubleQuoted(line: string, at: number): Piece {
  let text = '';
  for (let index = at + 1; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === '"') return { text, end: index + 1 };
    const next = line.charAt(index + 1);
    // Inside double quotes a backslash escapes only these characters.
    if (character === '\\' && '"\\$`'.includes(next) && next !== '') {
      text += next;
      index += 1;
    } else {
      text += character;
    }
  }
  throw new ShellWordsError('has a double quote that is never closed');
}
