/** Shown until the session has been checked. */
export function WaitingPage({ unreachable }: { unreachable: boolean }) {
  return (
    <main className="empty" aria-busy="true">
      {unreachable && (
        <>
          <h1>The server is not responding</h1>
          <p className="muted">Trying again every few seconds.</p>
        </>
      )}
    </main>
  );
}
