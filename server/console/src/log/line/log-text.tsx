import type { StyleRun, TextStyle } from '../../ansi/ansi-text.js';
import type { TextPiece } from './text-piece.js';
import { textPieces } from './text-piece.js';

/** Longer lines are cut here on screen. Copies and downloads are complete. */
const SHOWN_MAX_CHARACTERS = 4_000;

interface LogTextProps {
  readonly text: string;
  readonly styles: readonly StyleRun[];
  readonly ranges: readonly number[] | undefined;
}

export function LogText({ text, styles, ranges }: LogTextProps) {
  const shown = text.slice(0, SHOWN_MAX_CHARACTERS);
  const left = text.length - shown.length;
  return (
    <>
      {textPieces(shown, styles, ranges).map((piece, index) => (
        <Piece key={index} piece={piece} />
      ))}
      {left > 0 && <span className="log-detail"> … {left.toLocaleString('en')} more characters</span>}
    </>
  );
}

function Piece({ piece }: { piece: TextPiece }) {
  const text = piece.marked ? <mark>{piece.text}</mark> : piece.text;
  return piece.style === undefined ? text : <span className={styleClass(piece.style)}>{text}</span>;
}

function styleClass({ foreground, background, bold, dim, italic, underline }: TextStyle): string {
  const names = [
    foreground !== undefined && `ansi-${foreground}`,
    background !== undefined && `ansi-on-${background}`,
    bold && 'ansi-bold',
    dim && 'ansi-dim',
    italic && 'ansi-italic',
    underline && 'ansi-underline',
  ];
  return names.filter((name) => typeof name === 'string').join(' ');
}
