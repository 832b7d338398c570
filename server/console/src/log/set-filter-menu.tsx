import { Button } from '../ui/button.js';
import { Menu } from '../ui/menu.js';

interface SetFilterMenuProps<Value extends string> {
  readonly label: string;
  readonly values: readonly Value[];
  /** What people read for a value; the value itself where absent. */
  readonly words?: Readonly<Record<Value, string>>;
  readonly chosen: ReadonlySet<Value>;
  readonly onChange: (chosen: ReadonlySet<Value>) => void;
}

/** Any of several values; none chosen means all. */
export function SetFilterMenu<Value extends string>(props: SetFilterMenuProps<Value>) {
  const { label, values, words, chosen, onChange } = props;
  const toggle = (value: Value) => {
    const next = new Set(chosen);
    if (!next.delete(value)) next.add(value);
    onChange(next);
  };
  return (
    <Menu label={label} count={chosen.size}>
      <fieldset className="menu-choices">
        <legend className="hidden">{label}</legend>
        {values.map((value) => (
          <label key={value} className="check">
            <input type="checkbox" checked={chosen.has(value)} onChange={() => toggle(value)} />
            {words?.[value] ?? value}
          </label>
        ))}
      </fieldset>
      {chosen.size > 0 && (
        <Button look="quiet" onClick={() => onChange(new Set())}>
          Show all
        </Button>
      )}
    </Menu>
  );
}
