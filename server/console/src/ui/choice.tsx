export interface ChoiceProps<Value extends string> {
  /** The id of the element, for a label that is shown. */
  readonly id?: string;
  readonly label: string;
  readonly value: Value | undefined;
  readonly values: readonly Value[];
  /** The words for each value; defaults to the value itself. */
  readonly labels?: Readonly<Record<Value, string>>;
  /** The words for no value, which is offered only with them. */
  readonly all?: string;
  readonly onChange: (value: Value | undefined) => void;
}

/** Chooses one of several values. */
export function Choice<Value extends string>(props: ChoiceProps<Value>) {
  const { id, label, value, values, labels, all, onChange } = props;
  return (
    <select
      id={id}
      className="select"
      aria-label={label}
      value={value ?? ''}
      onChange={(event) => onChange(values.find((each) => each === event.target.value))}
    >
      {all !== undefined && <option value="">{all}</option>}
      {values.map((each) => (
        <option key={each} value={each}>
          {labels?.[each] ?? each}
        </option>
      ))}
    </select>
  );
}
