import { useLaunchNotifier } from '../notify/launch-notifier.js';
import { Button } from '../ui/button.js';
import { useStore } from '../state/store.js';

export function NotifyButton() {
  const notifier = useLaunchNotifier();
  const wanted = useStore(notifier.wanted.store);
  if (!notifier.supported) return undefined;
  return (
    <Button
      look="quiet"
      icon="bell"
      label="Notify me when a launch ends"
      aria-pressed={wanted}
      onClick={() => void notifier.toggle()}
    />
  );
}
