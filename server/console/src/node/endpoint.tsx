import { useShortcut } from '../shortcut/use-shortcut.js';
import { useCopy } from '../toast/use-copy.js';
import { Button } from '../ui/button.js';
import { Icon } from '../ui/icon.js';

export function Endpoint({ endpoint }: { endpoint: string }) {
  const copy = useCopy();
  const copyEndpoint = () => copy(endpoint, 'Endpoint');
  useShortcut({ keys: 'e', label: 'Copy the endpoint', group: 'Node', run: copyEndpoint });
  return (
    <div className="banner banner-success">
      <Icon name="check" />
      <p>
        Serving at <code>{endpoint}</code>
      </p>
      <Button icon="copy" onClick={copyEndpoint}>
        Copy endpoint
      </Button>
    </div>
  );
}
