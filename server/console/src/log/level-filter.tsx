import type { LogLevel } from '@launchlog/shared/log-entry';
import { LOG_LEVELS } from '@launchlog/shared/log-entry';

interface LevelFilterProps {
  readonly counts: Readonly<Record<LogLevel, number>>;
  readonly chosen: ReadonlySet<LogLevel>;
  readonly onChange: (levels: ReadonlySet<LogLevel>) => void;
}

export function LevelFilter({ counts, chosen, onChange }: LevelFilterProps) {
  const toggle = (level: LogLevel) => {
    const levels = new Set(chosen);
    if (!levels.delete(level)) levels.add(level);
    onChange(levels);
  };
  return (
    <div className="chips" role="group" aria-label="Level">
      {LOG_LEVELS.map((level) => (
        <button
          key={level}
          type="button"
          className={`chip chip-${level}`}
          aria-pressed={chosen.has(level)}
          onClick={() => toggle(level)}
        >
          {level}
          {counts[level] > 0 && <span className="count">{counts[level].toLocaleString('en')}</span>}
        </button>
      ))}
    </div>
  );
}
