import { useCopy } from '../toast/use-copy.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';

interface EndpointKeyDialogProps {
  readonly endpointKey: string;
  readonly onClose: () => void;
}

/** The generated key of an endpoint: the server answers it once and never again. */
export function EndpointKeyDialog({ endpointKey, onClose }: EndpointKeyDialogProps) {
  const copy = useCopy();
  return (
    <Dialog title="The key of the endpoint" onClose={onClose}>
      <div className="dialog-body">
        <p>Callers of the model server send this key. It is shown only now: keep it.</p>
        <p>
          <code className="key">{endpointKey}</code>
        </p>
      </div>
      <footer className="dialog-foot">
        <Button icon="copy" data-autofocus onClick={() => copy(endpointKey, 'Key')}>
          Copy the key
        </Button>
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      </footer>
    </Dialog>
  );
}
