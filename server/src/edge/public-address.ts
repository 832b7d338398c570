/**
 * Where clients reach this server: `PUBLIC_URL`, which may have a path such as `/launchlog`. A proxy in front may remove that
 * path from requests or leave it: both are understood.
 */
export class PublicAddress {
  /** Without a slash at its end; undefined where it is not known. */
  readonly url: string | undefined;
  /** The path, without a slash at its end; empty where there is none. */
  readonly path: string;

  constructor(publicUrl?: string) {
    const { origin = '', pathname = '' } = publicUrl === undefined ? {} : new URL(publicUrl);
    this.path = pathname.replace(/\/+$/, '');
    this.url = publicUrl === undefined ? undefined : `${origin}${this.path}`;
  }

  /** The URL of a request as this server knows it. */
  withoutPath(url: string): string {
    if (this.path === '' || !url.startsWith(this.path)) return url;
    const rest = url.slice(this.path.length);
    if (rest.startsWith('/')) return rest;
    return rest === '' || rest.startsWith('?') ? `/${rest}` : url;
  }

  /** The path of something on this server as clients ask for it. */
  withPath(path: string): string {
    return this.path + path;
  }
}
