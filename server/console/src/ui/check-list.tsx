interface CheckListProps<Value extends string> {
  readonly label: string;
  /** Whether the label is only read aloud, where it is on the screen already. */
  readonly isLabelHidden?: boolean;
  readonly values: readonly Value[];
  /** The words for each value; defaults to the value itself. */
  readonly labels?: Readonly<Record<Value, string>> | undefined;
  readonly chosen: ReadonlySet<Value>;
  readonly onChange: (chosen: ReadonlySet<Value>) => void;
}

/** Chooses any of several values. */
export function CheckList<Value extends string>(props: CheckListProps<Value>) {
  const { label, isLabelHidden = false, values, labels, chosen, onChange } = props;
  const toggle = (value: Value) => {
    const next = new Set(chosen);
    if (!next.delete(value)) next.add(value);
    onChange(next);
  };
  return (
    <fieldset className="menu-choices">
      <legend className={isLabelHidden ? 'hidden' : undefined}>{label}</legend>
      {values.map((value) => (
        <label key={value} className="check">
          <input type="checkbox" checked={chosen.has(value)} onChange={() => toggle(value)} />
          {labels?.[value] ?? value}
        </label>
      ))}
    </fieldset>
  );
}
