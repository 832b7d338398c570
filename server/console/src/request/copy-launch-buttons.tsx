import type { LaunchedRequest } from '@launchlog/shared/launch-changes';
import { useUrl } from '../router/url-store.js';
import { useToasts } from '../toast/toast-store.js';
import { useCopy } from '../toast/use-copy.js';
import { Button } from '../ui/button.js';
import { problemText } from '../ui/problem-text.js';
import type { CommandKind } from './launch-command.js';
import { COMMAND_KINDS, launchCommand } from './launch-command.js';

const KIND_LABELS: Readonly<Record<CommandKind, string>> = {
  curl: 'Copy as curl',
  cli: 'Copy as launchlog command',
  sdk: 'Copy as TypeScript',
};

interface CopyLaunchButtonsProps {
  /** The launch to copy; rejects with what to show where there is none. */
  readonly launched: () => Promise<LaunchedRequest>;
}

/** Copies a launch as a command that does the same. */
export function CopyLaunchButtons({ launched }: CopyLaunchButtonsProps) {
  const copy = useCopy();
  const toasts = useToasts();
  const url = useUrl();
  const copyAs = (kind: CommandKind) => {
    launched().then(
      (request) => copy(launchCommand(kind, url.serverUrl, request), 'Launch'),
      (error: unknown) => toasts.show({ tone: 'error', text: `Not copied: ${problemText(error)}` }),
    );
  };
  return COMMAND_KINDS.map((kind) => (
    <Button key={kind} look="quiet" icon="copy" onClick={() => copyAs(kind)}>
      {KIND_LABELS[kind]}
    </Button>
  ));
}
