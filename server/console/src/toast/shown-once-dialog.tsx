import { useCopy } from './use-copy.js';
import { Button } from '../ui/button.js';
import { Dialog } from '../ui/dialog.js';

interface ShownOnceDialogProps {
  readonly title: string;
  readonly text: string;
  readonly secret: string;
  /** The name of what is copied, on the button and in the message. */
  readonly copying?: { readonly label: string; readonly what: string };
  readonly onClose: () => void;
}

const COPYING = { label: 'Copy it', what: 'Secret' };

/** A secret that the server answers once and never again. */
export function ShownOnceDialog({ title, text, secret, copying = COPYING, onClose }: ShownOnceDialogProps) {
  const copy = useCopy();
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-body">
        <p>{text}</p>
        <code className="key">{secret}</code>
      </div>
      <footer className="dialog-foot">
        <Button icon="copy" data-autofocus onClick={() => copy(secret, copying.what)}>
          {copying.label}
        </Button>
        <Button look="primary" onClick={onClose}>
          I have kept it
        </Button>
      </footer>
    </Dialog>
  );
}
