import { useShortcut } from '../shortcut/use-shortcut.js';
import { useCopy } from '../toast/use-copy.js';
import { Button } from '../ui/button.js';
import { Menu } from '../ui/menu.js';
import type { LogRow } from './line/log-row.js';
import type { LogFileFormat } from './log-file.js';
import { LOG_FILE_FORMATS, LOG_FILE_MEDIA_TYPES, logFile } from './log-file.js';

const FORMAT_LABELS: Readonly<Record<LogFileFormat, string>> = { txt: 'Text', json: 'JSON', csv: 'CSV' };
/** How long the link to a file in memory is kept: by then the download has started. */
const KEEP_URL_MS = 60_000;

interface LogFileMenuProps {
  readonly rows: readonly LogRow[];
  readonly fileName: string;
  readonly severalNodes: boolean;
}

/** Copies or downloads the lines shown. */
export function LogFileMenu({ rows, fileName, severalNodes }: LogFileMenuProps) {
  const copy = useCopy();
  const copyAll = () => copy(logFile('txt', rows, severalNodes), 'Log');
  useShortcut({ keys: 'y', label: 'Copy the lines shown', group: 'Log', run: copyAll });
  return (
    <>
      <Button look="quiet" icon="copy" label="Copy the lines shown (Y)" onClick={copyAll} />
      <Menu label="Download the lines shown" icon="download" bare>
        {LOG_FILE_FORMATS.map((format) => (
          <Button
            key={format}
            look="quiet"
            onClick={() => download(`${fileName}.${format}`, logFile(format, rows, severalNodes), format)}
          >
            {FORMAT_LABELS[format]}
          </Button>
        ))}
      </Menu>
    </>
  );
}

function download(name: string, text: string, format: LogFileFormat): void {
  const url = URL.createObjectURL(new Blob([text], { type: LOG_FILE_MEDIA_TYPES[format] }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEEP_URL_MS);
}
