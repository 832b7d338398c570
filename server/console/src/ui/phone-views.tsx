import { useState } from 'react';

type PhoneView = 'details' | 'log';

interface PhoneViews {
  readonly view: PhoneView;
  readonly show: (view: PhoneView) => void;
}

/** On a phone a page shows its details or its log, so that only one of them scrolls. Wider pages show both. */
export function usePhoneView(first: PhoneView): PhoneViews {
  const [view, show] = useState(first);
  return { view, show };
}

interface PhoneViewChoiceProps extends PhoneViews {
  readonly details: string;
}

/** Shown on a phone only. The page has the class `phone-details` or `phone-log`. */
export function PhoneViewChoice({ view, show, details }: PhoneViewChoiceProps) {
  return (
    <div className="phone-views" role="group" aria-label="View">
      <button
        type="button"
        className="choice"
        aria-pressed={view === 'details'}
        onClick={() => show('details')}
      >
        {details}
      </button>
      <button type="button" className="choice" aria-pressed={view === 'log'} onClick={() => show('log')}>
        Log
      </button>
    </div>
  );
}
