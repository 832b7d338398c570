import { useStore } from '../state/store.js';
import { Button } from '../ui/button.js';
import type { FileDownload } from './file-downloads.js';
import { useFileDownloads } from './file-downloads.js';

/** Files that arrive, and those that could not be read, which stay until somebody has seen them. */
export function DownloadList() {
  const downloads = useFileDownloads();
  const shown = useStore(downloads.store);
  return shown.map((each) => (
    <div
      key={each.id}
      className={each.problem === undefined ? 'toast' : 'toast toast-error'}
      // Its size changes many times a second, which nobody wants to hear.
      aria-live={each.problem === undefined ? 'off' : undefined}
    >
      <span role={each.problem === undefined ? undefined : 'alert'}>{textOf(each)}</span>
      {each.problem === undefined ? (
        <Button onClick={() => downloads.dismiss(each.id)}>Stop</Button>
      ) : (
        <>
          <Button icon="retry" onClick={() => downloads.retry(each.id)}>
            Try again
          </Button>
          <Button look="quiet" icon="close" label="Dismiss" onClick={() => downloads.dismiss(each.id)} />
        </>
      )}
    </div>
  ));
}

function textOf({ name, bytes, problem }: FileDownload): string {
  if (problem === undefined) return `${name}: ${sizeText(bytes)} so far`;
  const after = bytes === 0 ? '' : ` after ${sizeText(bytes)}`;
  return `${name} was not saved: ${problem}${after}`;
}

/** `12 kB`, `3.4 MB`. */
function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
