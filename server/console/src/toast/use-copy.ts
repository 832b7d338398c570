import { useToasts } from './toast-store.js';

/** Copies text to the clipboard and confirms it with a toast. */
export function useCopy(): (text: string, name: string) => void {
  const toasts = useToasts();
  return (text, name) => {
    navigator.clipboard.writeText(text).then(
      () => toasts.show({ tone: 'info', text: `${name} copied` }),
      () => toasts.show({ tone: 'error', text: 'This browser blocked copying.' }),
    );
  };
}
