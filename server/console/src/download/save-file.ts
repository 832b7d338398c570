/** How long the link to a file in memory is kept: by then the browser has begun to save it. */
const KEEP_URL_MS = 60_000;

/** Makes the browser save a file that the page holds. */
export function saveFile(name: string, file: Blob): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_URL_MS);
}
