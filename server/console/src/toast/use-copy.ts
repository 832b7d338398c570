import { useToasts } from './toast-store.js';

/** Copies text and says so. */
export function useCopy(): (text: string, what: string) => void {
  const toasts = useToasts();
  return (text, what) => {
    navigator.clipboard.writeText(text).then(
      () => toasts.show({ tone: 'info', text: `${what} copied` }),
      () => toasts.show({ tone: 'error', text: 'This browser does not let the page copy.' }),
    );
  };
}
