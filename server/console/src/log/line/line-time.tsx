import type { TimeStyle } from '../../time/format-time.js';
import { formatAgo, formatClock, formatOffset, formatUtcClock } from '../../time/format-time.js';
import { useNow } from '../../time/ticker.js';

interface LineTimeProps {
  readonly timeMs: number;
  readonly timeStyle: TimeStyle;
  readonly startMs: number | undefined;
}

export function LineTime({ timeMs, timeStyle, startMs }: LineTimeProps) {
  switch (timeStyle) {
    case 'absolute':
      return formatClock(timeMs);
    case 'utc':
      return formatUtcClock(timeMs);
    case 'start':
      return formatOffset(timeMs - (startMs ?? timeMs));
    case 'relative':
      return <Ago timeMs={timeMs} />;
  }
}

function Ago({ timeMs }: { timeMs: number }) {
  return formatAgo(useNow() - timeMs);
}
