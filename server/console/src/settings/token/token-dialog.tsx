import type { TokenScope } from '@launchlog/sdk';
import { accessTokenInputSchema, TOKEN_SCOPES } from '@launchlog/shared/access-token';
import { useState } from 'react';
import { useLaunchlogClient } from '@launchlog/sdk/react';
import { useServerNow } from '../../time/ticker.js';
import { CheckList } from '../../ui/check-list.js';
import { FormDialog } from '../../ui/form-dialog.js';
import { problemText } from '../../ui/problem-text.js';
import { PlainField } from '../plain-field.js';

const DAY_MS = 86_400_000;
/** The last moment of the year 9999. */
const MOMENT_MAX_MS = 253_402_300_799_999;
const SCOPE_LABELS: Readonly<Record<TokenScope, string>> = {
  read: 'read: see nodes and logs',
  launch: 'launch: launch, cancel, retry and terminate',
  admin: 'admin: everything',
};

interface TokenDialogProps {
  readonly onClose: () => void;
  readonly onCreated: (token: string) => void;
}

export function TokenDialog({ onClose, onCreated }: TokenDialogProps) {
  const client = useLaunchlogClient();
  const now = useServerNow();
  const [draft, setDraft] = useState({ name: '', deploymentId: '', tenantId: '', days: '' });
  const [scopes, setScopes] = useState<ReadonlySet<TokenScope>>(new Set(['read']));
  const [problem, setProblem] = useState<string>();
  const submit = () => {
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
    <FormDialog
      title="New token"
      action="Make the token"
      problem={problem}
      onSubmit={submit}
      onClose={onClose}
    >
      <PlainField
        label="Name"
        hint="Of the person or the program. It is never used again."
        focused
        {...field('name')}
      />
      <CheckList
        label="It may"
        values={TOKEN_SCOPES}
        labels={SCOPE_LABELS}
        chosen={scopes}
        onChange={setScopes}
      />
      <PlainField label="Only this deployment" hint="Optional." {...field('deploymentId')} />
      <PlainField label="Only this tenant" hint="Optional." {...field('tenantId')} />
      <PlainField label="Days until it ends" hint="Without a number it does not end." {...field('days')} />
    </FormDialog>
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
