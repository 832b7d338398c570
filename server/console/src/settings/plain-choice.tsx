import { useId } from 'react';
import { Choice } from '../ui/choice.js';
import type { ChoiceProps } from '../ui/choice.js';

/** One of several values, with its label above, as a `PlainField` has it. */
export function PlainChoice<Value extends string>(props: Omit<ChoiceProps<Value>, 'id'>) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{props.label}</label>
      <Choice {...props} id={id} />
    </div>
  );
}
