/** Before it is known who is there. */
export function WaitingPage({ unreachable }: { unreachable: boolean }) {
  return (
    <main className="empty" aria-busy="true">
      {unreachable && (
        <>
          <h1>The server does not answer</h1>
          <p className="muted">Trying again every few seconds.</p>
        </>
      )}
    </main>
  );
}
