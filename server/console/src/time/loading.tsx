/** Shown where nothing has arrived yet. It appears after a moment, so that what is fast does not flicker. */
export function Loading({ what }: { what: string }) {
  return (
    <p className="empty muted loading" role="status">
      Loading {what}…
    </p>
  );
}
