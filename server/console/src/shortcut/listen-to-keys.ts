import type { ShortcutMap } from './shortcut-map.js';

/** Passes keys that nothing else handles to the shortcuts. While a dialog is open, shortcuts are off. */
export function listenToKeys(shortcuts: ShortcutMap): void {
  window.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector('dialog[open]') !== null)
      return;
    const pressed = {
      key: event.key,
      modified: event.ctrlKey || event.altKey || event.metaKey,
      typing: takesText(event.target),
    };
    if (shortcuts.press(pressed)) event.preventDefault();
  });
}

function takesText(target: EventTarget | null): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
