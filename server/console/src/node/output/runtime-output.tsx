import { useEffect, useRef, useState } from 'react';
import { parseAnsi } from '../../ansi/ansi-text.js';
import { LogText } from '../../log/line/log-text.js';
import { Button } from '../../ui/button.js';
import { useRuntimeLines } from './use-runtime-lines.js';

/** Pixels from the end within which the view stays at the end. */
const END_PX = 40;

/** What the model server of an active node prints now. */
export function RuntimeOutput({ nodeId }: { nodeId: string }) {
  const [round, setRound] = useState(0);
  const { lines, ended } = useRuntimeLines(nodeId, round);
  const view = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  useEffect(() => {
    const element = view.current;
    if (element !== null && atEnd.current) element.scrollTop = element.scrollHeight;
  }, [lines]);
  return (
    <div className="runtime">
      <p className="muted">
        Read from the machine while this page is open, and stored nowhere. The log of the launch is closed.
      </p>
      <div
        ref={view}
        className="runtime-lines"
        role="log"
        aria-label="Output now"
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          atEnd.current = scrollHeight - scrollTop - clientHeight < END_PX;
        }}
      >
        {lines.map(({ level, message }, index) => {
          const { text, runs } = parseAnsi(message);
          return (
            <div key={index} className={`runtime-line runtime-${level}`}>
              <LogText text={text} styles={runs} ranges={undefined} />
            </div>
          );
        })}
      </div>
      {ended !== undefined && (
        <p role="status">
          {ended}. <Button onClick={() => setRound(round + 1)}>Read again</Button>
        </p>
      )}
    </div>
  );
}
