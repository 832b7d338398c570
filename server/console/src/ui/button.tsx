import type { ComponentPropsWithRef } from 'react';
import type { IconName } from './icon.js';
import { Icon } from './icon.js';

interface ButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'className'> {
  readonly look?: 'plain' | 'primary' | 'danger' | 'quiet';
  readonly icon?: IconName;
  /** The accessible name and tooltip of a button that shows only an icon. */
  readonly label?: string;
}

export function Button({ look = 'plain', icon, label, children, ...rest }: ButtonProps) {
  const bare = children === undefined ? ' button-bare' : '';
  return (
    <button
      type="button"
      className={`button button-${look}${bare}`}
      {...(label === undefined ? {} : { 'aria-label': label, title: label })}
      {...rest}
    >
      {icon !== undefined && <Icon name={icon} />}
      {children}
    </button>
  );
}
