import { Button } from '../ui/button.js';
import { CheckList } from '../ui/check-list.js';
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
  return (
    <Menu label={label} count={chosen.size}>
      <CheckList
        label={label}
        isLabelHidden
        values={values}
        labels={labels}
        chosen={chosen}
        onChange={onChange}
      />
      {chosen.size > 0 && (
        <Button look="quiet" onClick={() => onChange(new Set())}>
          Show all
        </Button>
      )}
    </Menu>
  );
}
