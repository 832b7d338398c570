import type { ReactNode } from 'react';

interface FieldFrameProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly error: string | undefined;
  readonly wide: boolean;
  readonly children: ReactNode;
}

/** A label, a field and below it the error, or else the hint. The note has the id `${id}-note` and describes the field. */
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
