import { usePageTitle } from '../notify/launch-notifier.js';
import { Link } from '../router/link.js';
import type { SettingsSection } from '../router/route.js';
import { SETTINGS_SECTIONS } from '../router/route.js';
import { AuditSection } from './audit/audit-section.js';
import { BudgetSection } from './budget/budget-section.js';
import { DoctorSection } from './doctor/doctor-section.js';
import { NotificationSection } from './notification/notification-section.js';
import { SessionSection } from './session/session-section.js';
import { StraySection } from './stray/stray-section.js';
import { TokenSection } from './token/token-section.js';

const LABELS: Readonly<Record<SettingsSection, string>> = {
  tokens: 'Tokens',
  sessions: 'Sessions',
  notifications: 'Notifications',
  budgets: 'Budgets',
  strays: 'Strays',
  audit: 'Audit trail',
  checks: 'Checks',
};

/** What administrators set and look up. The server refuses what the token may not do. */
export function SettingsPage({ section }: { section: SettingsSection }) {
  usePageTitle(LABELS[section]);
  return (
    <div className="page">
      <header className="page-head">
        <h1>Settings</h1>
        <nav className="tabs" aria-label="Settings">
          {SETTINGS_SECTIONS.map((each) => (
            <Link key={each} to={`/settings/${each}`} aria-current={each === section ? 'page' : undefined}>
              {LABELS[each]}
            </Link>
          ))}
        </nav>
      </header>
      <Section section={section} />
    </div>
  );
}

function Section({ section }: { section: SettingsSection }) {
  switch (section) {
    case 'tokens':
      return <TokenSection />;
    case 'sessions':
      return <SessionSection />;
    case 'notifications':
      return <NotificationSection />;
    case 'budgets':
      return <BudgetSection />;
    case 'strays':
      return <StraySection />;
    case 'checks':
      return <DoctorSection />;
    case 'audit':
      return <AuditSection />;
  }
}
