import type { TokenScope } from '@launchlog/sdk';
import { accessTokenInputSchema, TOKEN_SCOPES } from '@launchlog/shared/access-token';
import type { FormEvent } from 'react';
import { useState } from 'react';
import { useClient } from '../../session/client.js';
import { useServerNow } from '../../time/ticker.js';
import { Button } from '../../ui/button.js';
import { Dialog } from '../../ui/dialog.js';
import { problemText } from '../../ui/problem-text.js';
import { PlainField } from '../plain-field.js';

const DAY_MS = 86_400_000;
/** The last moment of the year 9999. */
const MOMENT_MAX_MS = 253_402_300_799_999;
const SCOPE_LABELS: Readonly<Record<TokenScope, string>> = {
  read: 'see nodes and logs',
  launch: 'launch, cancel, retry and terminate',
  admin: 'everything',
};

interface TokenDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (token: string) => void;
}

export function TokenDialog({ onClose, onCreated }: TokenDialogProps) {
  const client = useClient();
  const now = useServerNow();
  const [draft, setDraft] = useState({ name: '', deploymentId: '', tenantId: '', days: '' });
  const [scopes, setScopes] = useState<ReadonlySet<TokenScope>>(new Set(['read']));
  const [problem, setProblem] = useState<string>();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const parsed = readDraft({ ...draft, scopes: [...scopes] }, now());
    const [fault] = parsed.error?.issues ?? [];
    if (parsed.data === undefined) return setProblem(`${String(fault?.path[0])}: ${fault?.message}`);
    client.tokens.create(parsed.data).then(
      ({ token }) => onCreated(token),
      (error: unknown) => setProblem(`Not made: ${problemText(error)}`),
    );
  };
  const field = (name: keyof typeof draft) => ({
    value: draft[name],
    onChange: (value: string) => setDraft({ ...draft, [name]: value }),
  });
  return (
    <Dialog title="New token" onClose={onClose}>
      <form onSubmit={submit} noValidate>
        <div className="dialog-body fields-column">
          <PlainField
            label="Name"
            hint="Of the person or the program. It is never used again."
            focused
            {...field('name')}
          />
          <ScopeChoice scopes={scopes} onChange={setScopes} />
          <PlainField label="Only this deployment" hint="Optional." {...field('deploymentId')} />
          <PlainField label="Only this tenant" hint="Optional." {...field('tenantId')} />
          <PlainField
            label="Days until it ends"
            hint="Without a number it does not end."
            {...field('days')}
          />
          {problem !== undefined && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
        </div>
        <TokenFoot onClose={onClose} />
      </form>
    </Dialog>
  );
}

function TokenFoot({ onClose }: { onClose: () => void }) {
  return (
    <footer className="dialog-foot">
      <Button onClick={onClose}>Close</Button>
      <Button type="submit" look="primary">
        Make the token
      </Button>
    </footer>
  );
}

interface TokenDraft {
  readonly name: string;
  readonly deploymentId: string;
  readonly tenantId: string;
  readonly days: string;
  readonly scopes: readonly TokenScope[];
}

function readDraft({ name, deploymentId, tenantId, days, scopes }: TokenDraft, nowMs: number) {
  const endMs = nowMs + Number(days) * DAY_MS;
  const expiresAt = Number(days) > 0 && endMs < MOMENT_MAX_MS ? new Date(endMs).toISOString() : days;
  return accessTokenInputSchema.safeParse({
    name: name.trim(),
    scopes,
    ...(deploymentId !== '' && { deploymentId }),
    ...(tenantId !== '' && { tenantId }),
    ...(days !== '' && { expiresAt }),
  });
}

interface ScopeChoiceProps {
  readonly scopes: ReadonlySet<TokenScope>;
  readonly onChange: (scopes: ReadonlySet<TokenScope>) => void;
}

function ScopeChoice({ scopes, onChange }: ScopeChoiceProps) {
  return (
    <fieldset className="menu-choices">
      <legend>It may</legend>
      {TOKEN_SCOPES.map((scope) => (
        <label key={scope} className="check">
          <input
            type="checkbox"
            checked={scopes.has(scope)}
            onChange={() => {
              const next = new Set(scopes);
              if (!next.delete(scope)) next.add(scope);
              onChange(next);
            }}
          />
          {scope}: {SCOPE_LABELS[scope]}
        </label>
      ))}
    </fieldset>
  );
}
