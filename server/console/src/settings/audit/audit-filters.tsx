import type { ReactNode } from 'react';
import { AUDIT_ACTIONS } from '@launchlog/shared/audit';
import { useUrl } from '../../router/url-store.js';
import { Choice } from '../../ui/choice.js';
import type { AuditView, AuditWindow } from './audit-view.js';
import { AUDIT_WINDOWS, OUTCOMES } from './audit-view.js';

const WINDOW_LABELS: Readonly<Record<AuditWindow, string>> = {
  '1d': 'Last 24 hours',
  '7d': 'Last 7 days',
  '30d': 'Last 30 days',
};

interface AuditFiltersProps {
  readonly view: AuditView;
  /** At the end of their row. */
  readonly children: ReactNode;
}

/** What the trail is narrowed to, as parts of the URL. */
export function AuditFilters({ view, children }: AuditFiltersProps) {
  const url = useUrl();
  const { action, outcome, window, actor, target } = view;
  return (
    <div className="filters" role="search" aria-label="Filter the audit trail">
      <Choice
        label="Action"
        value={action}
        values={AUDIT_ACTIONS}
        all="All actions"
        onChange={(next) => url.patchSearch({ action: next ?? '' })}
      />
      <Choice
        label="Outcome"
        value={outcome}
        values={OUTCOMES}
        all="All outcomes"
        onChange={(next) => url.patchSearch({ outcome: next ?? '' })}
      />
      <Choice
        label="Time"
        value={window}
        values={AUDIT_WINDOWS}
        labels={WINDOW_LABELS}
        all="All time"
        onChange={(next) => url.patchSearch({ since: next ?? '' })}
      />
      <input
        type="search"
        aria-label="Who"
        placeholder="Who"
        value={actor}
        maxLength={200}
        onChange={(event) => url.patchSearch({ actor: event.target.value })}
      />
      <input
        type="search"
        aria-label="Of what"
        placeholder="Of what (id)"
        value={target}
        maxLength={200}
        onChange={(event) => url.patchSearch({ target: event.target.value })}
      />
      <span className="spacer" />
      {children}
    </div>
  );
}
