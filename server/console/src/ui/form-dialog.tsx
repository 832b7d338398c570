import type { ReactNode } from 'react';
import { Button } from './button.js';
import { Dialog } from './dialog.js';

interface FormDialogProps {
  readonly title: string;
  /** The words of the button that submits. */
  readonly action: string;
  /** Why the form was not accepted. */
  readonly problem: string | undefined;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  /** The fields, one below the other. */
  readonly children: ReactNode;
}

/** A dialog to fill in and submit. It stays open until its owner closes it, so that nothing typed is lost. */
export function FormDialog({ title, action, problem, onSubmit, onClose, children }: FormDialogProps) {
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <div className="dialog-body fields-column">
          {children}
          {problem !== undefined && (
            <p className="problem" role="alert">
              {problem}
            </p>
          )}
        </div>
        <footer className="dialog-foot">
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" look="primary">
            {action}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}
