import type { ComponentPropsWithRef, MouseEvent } from 'react';
import { useUrl } from './url-store.js';

interface LinkProps extends ComponentPropsWithRef<'a'> {
  readonly to: string;
}

/** A link within the console. It is a real link, so it can be opened in a new tab, but following it does not reload the page. */
export function Link({ to, ...rest }: LinkProps) {
  const url = useUrl();
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    url.go(to);
  };
  return <a href={url.hrefOf(to)} onClick={follow} {...rest} />;
}
