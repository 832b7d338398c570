import type { ReactNode } from 'react';

interface FieldFrameProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly error: string | undefined;
  readonly wide: boolean;
  readonly children: ReactNode;
}

/** Label, field, and below it what is wrong or else what helps; `${id}-note` describes the field. */
export function FieldFrame({ id, label, hint, error, wide, children }: FieldFrameProps) {
  return (
    <div className={wide ? 'field field-wide' : 'field'}>
      <label htmlFor={id}>{label}</label>
      {children}
      <p id={`${id}-note`} className={error === undefined ? 'field-note' : 'field-note problem'}>
        {error ?? hint}
      </p>
    </div>
  );
}
