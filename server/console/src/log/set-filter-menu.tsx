import { Button } from '../ui/button.js';
import { Menu } from '../ui/menu.js';

interface SetFilterMenuProps<Value extends string> {
  readonly label: string;
  readonly values: readonly Value[];
  /** The label of each value; defaults to the value itself. */
  readonly labels?: Readonly<Record<Value, string>>;
  readonly chosen: ReadonlySet<Value>;
  readonly onChange: (chosen: ReadonlySet<Value>) => void;
}

/** A menu to choose any of several values. Choosing none means all. */
export function SetFilterMenu<Value extends string>(props: SetFilterMenuProps<Value>) {
  const { label, values, labels, chosen, onChange } = props;
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
            {labels?.[value] ?? value}
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
