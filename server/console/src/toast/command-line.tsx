import { Button } from '../ui/button.js';
import { useCopy } from './use-copy.js';

/** A line that somebody can paste into a shell. */
export function CommandLine({ command }: { command: string }) {
  const copy = useCopy();
  return (
    <p className="empty-command">
      <code>{command}</code>
      <Button look="quiet" icon="copy" label="Copy the command" onClick={() => copy(command, 'Command')} />
    </p>
  );
}
