import type { Theme } from '../theme/theme-store.js';
import { useTheme } from '../theme/theme-store.js';
import { Button } from '../ui/button.js';
import type { IconName } from '../ui/icon.js';
import { useStore } from '../state/store.js';

const ICONS: Readonly<Record<Theme, IconName>> = { system: 'monitor', light: 'sun', dark: 'moon' };

export function ThemeButton() {
  const theme = useTheme();
  const chosen = useStore(theme.store);
  return (
    <Button
      look="quiet"
      icon={ICONS[chosen]}
      label={`Theme: ${chosen} (Shift+D)`}
      onClick={() => theme.next()}
    />
  );
}
