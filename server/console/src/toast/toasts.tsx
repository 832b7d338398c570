import type { ReactNode } from 'react';
import { Link } from '../router/link.js';
import { Button } from '../ui/button.js';
import { useStore } from '../state/store.js';
import { useToasts } from './toast-store.js';

/** `children`: messages that stay, above those that pass. */
export function Toasts({ children }: { readonly children?: ReactNode }) {
  const toasts = useToasts();
  const shown = useStore(toasts.store);
  return (
    <div className="toasts" role="status" aria-live="polite">
      {children}
      {shown.map((toast) => (
        <div key={toast.id} className={`toast toast-${toast.tone}`}>
          <span>{toast.text}</span>
          {toast.link !== undefined && <Link to={toast.link.to}>{toast.link.text}</Link>}
          <Button look="quiet" icon="close" label="Dismiss" onClick={() => toasts.dismiss(toast.id)} />
        </div>
      ))}
    </div>
  );
}
