import { useFileDownloads } from '../download/file-downloads.js';
import { saveFile } from '../download/save-file.js';
import { useShortcut } from '../shortcut/use-shortcut.js';
import { useCopy } from '../toast/use-copy.js';
import { Button } from '../ui/button.js';
import { Menu } from '../ui/menu.js';
import type { LogRow } from './line/log-row.js';
import type { LogFileFormat } from './log-file.js';
import { LOG_FILE_FORMATS, LOG_FILE_MEDIA_TYPES, logFile } from './log-file.js';

const FORMAT_LABELS: Readonly<Record<LogFileFormat, string>> = { txt: 'Text', json: 'JSON', csv: 'CSV' };
/** The words for each, the name that the API has for it, and the ending of the file. */
const WHOLE_FORMATS = [
  ['text', 'text', 'log'],
  ['JSON', 'json', 'json'],
  ['NDJSON', 'ndjson', 'ndjson'],
  ['CSV', 'csv', 'csv'],
] as const;

interface LogFileMenuProps {
  readonly rows: readonly LogRow[];
  readonly fileName: string;
  readonly severalNodes: boolean;
  /** The node whose whole log the server has as a file; undefined for several nodes. */
  readonly nodeId: string | undefined;
}

/** Copies or downloads the lines shown, or downloads the whole log. */
export function LogFileMenu({ rows, fileName, severalNodes, nodeId }: LogFileMenuProps) {
  const copy = useCopy();
  const copyAll = () => copy(logFile('txt', rows, severalNodes), 'Log');
  useShortcut({ keys: 'y', label: 'Copy the lines shown', group: 'Log', run: copyAll });
  return (
    <>
      <Button look="quiet" icon="copy" label="Copy the lines shown (Y)" onClick={copyAll} />
      <Menu label="Download" icon="download" bare>
        <p className="muted menu-title">The lines shown</p>
        {LOG_FILE_FORMATS.map((format) => (
          <Button
            key={format}
            look="quiet"
            onClick={() =>
              saveFile(
                `${fileName}.${format}`,
                new Blob([logFile(format, rows, severalNodes)], { type: LOG_FILE_MEDIA_TYPES[format] }),
              )
            }
          >
            {FORMAT_LABELS[format]}
          </Button>
        ))}
        {nodeId !== undefined && <WholeLog nodeId={nodeId} fileName={fileName} />}
      </Menu>
    </>
  );
}

/** All lines that the server keeps, whatever is filtered, folded or dropped on the page. */
function WholeLog({ nodeId, fileName }: { readonly nodeId: string; readonly fileName: string }) {
  const downloads = useFileDownloads();
  return (
    <>
      <p className="muted menu-title">The whole log</p>
      {WHOLE_FORMATS.map(([label, format, ending]) => (
        <Button
          key={format}
          look="quiet"
          onClick={() =>
            void downloads.start({
              path: `/admin/nodes/${nodeId}/logs/export?format=${format}`,
              name: `${fileName}.${ending}`,
            })
          }
        >
          All, as {label}
        </Button>
      ))}
    </>
  );
}
