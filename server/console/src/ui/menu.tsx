import type { ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import type { IconName } from './icon.js';
import { Icon } from './icon.js';

interface MenuProps {
  readonly label: string;
  readonly icon?: IconName;
  /** The number of active choices, shown next to the label. */
  readonly count?: number;
  readonly bare?: boolean;
  /** Opens above the button, as at the foot of a dialog. */
  readonly upwards?: boolean;
  readonly children: ReactNode;
}

/** A button that opens a small panel. Escape, a command, a click elsewhere or losing the focus closes it. */
export function Menu({ label, icon, count = 0, bare = false, upwards = false, children }: MenuProps) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const element = details.current;
      if (element?.open && !element.contains(event.target as Element | null)) element.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('focusin', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('focusin', close);
    };
  }, []);
  return (
    <details
      ref={details}
      className={upwards ? 'menu menu-upwards' : 'menu'}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !details.current?.open) return;
        event.stopPropagation();
        details.current.open = false;
        details.current.querySelector('summary')?.focus();
      }}
    >
      <summary
        className={bare ? 'button button-quiet button-bare' : 'button button-plain'}
        aria-label={bare ? label : undefined}
        title={bare ? label : undefined}
      >
        {icon !== undefined && <Icon name={icon} />}
        {!bare && label}
        {count > 0 && <span className="count">{count}</span>}
        {!bare && <Icon name="chevronDown" size={12} />}
      </summary>
      <div
        className="menu-panel"
        // A button in a menu is a command: the menu has done its work. A checkbox is not.
        onClick={(event) => {
          const isCommand = (event.target as Element).closest('button') !== null;
          if (isCommand && details.current !== null) details.current.open = false;
        }}
      >
        {children}
      </div>
    </details>
  );
}
