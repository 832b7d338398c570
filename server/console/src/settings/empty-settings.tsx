import type { ReactNode } from 'react';
import { useUrl } from '../router/url-store.js';
import { CommandLine } from '../toast/command-line.js';

interface EmptySettingsProps {
  /** What to do next. */
  readonly children: ReactNode;
  /** The same from a shell, without the name of the program and the address. */
  readonly command: string;
}

/** Stands where a table has no rows. */
export function EmptySettings({ children, command }: EmptySettingsProps) {
  const url = useUrl();
  return (
    <div className="empty">
      <p className="muted">{children}</p>
      <p className="muted">or from a shell:</p>
      <CommandLine command={`launchlog ${command} --url ${url.serverUrl}`} />
    </div>
  );
}
