import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const REQUEST_ID = '7ae55c06-43bf-4816-bb81-acf25b16eeab';

/** Each command prints the file of its name and runs the file of its name with `.sh`. */
const PROGRAM = `#!/bin/bash
folder="$(dirname "$0")"
echo "$*" >> "$folder/calls"
case "$1 $2" in
  'launch -y') name=launch ;;
  'api start') name=api-start ;;
  'api status') name=api-status ;;
  'api info') name=api-info ;;
  'api logs') name=api-logs ;;
  'api cancel') name=api-cancel ;;
  'status -o') name=status ;;
  'status --endpoint') name=endpoint ;;
  'down -y') name=down ;;
  logs*) name=logs ;;
  *) echo "sky: no such command: $*" >&2; exit 2 ;;
esac
echo $$ >> "$folder/pids"
tr '\\0' '\\n' < /proc/$$/environ > "$folder/$name-environment"
[ -e "$folder/$name" ] && cat "$folder/$name"
[ -e "$folder/$name.sh" ] && . "$folder/$name.sh"
exit 0
`;

/** A program \`sky\` in its own folder whose answers a test sets. For one that behaves, see \`SkypilotProgramHost\`. */
export class SkypilotCliStandIn {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'sky-stand-in-'));
  readonly requestId = REQUEST_ID;

  constructor() {
    writeFileSync(this.executable, PROGRAM);
    chmodSync(this.executable, 0o755);
    this.answers('launch', `YAML to run: task.yaml\nSubmitted sky.launch request: ${REQUEST_ID}\n`);
    this.answers('status', 'Cluster(s) not found: x.\n[]\n');
    this.answers('api-status', '[]\n');
    this.does(
      'launch',
      `secrets() { while [ $# -gt 1 ]; do [ "$1" = --secret-file ] && cp -p "$2" "$folder/secrets"; shift; done; }
       secrets "$@"; for file; do :; done; cp -p "$file" "$folder/task"
       stat -c %a "$folder/secrets" "$(dirname "$file")" > "$folder/modes"`,
    );
  }

  get executable(): string {
    return path.join(this.folder, 'sky');
  }

  answers(command: string, output: string): void {
    writeFileSync(path.join(this.folder, command), output);
  }

  /** Lines of shell. */
  does(command: string, script: string): void {
    writeFileSync(path.join(this.folder, `${command}.sh`), `${script}\n`);
  }

  /** Sets the status of the launch request, which \`sky api status\` lists from the submission on. */
  requestIs(status: string): void {
    const record = { request_id: REQUEST_ID, name: 'sky.launch', status, created_at: 1 };
    this.answers('records', JSON.stringify([{ ...record, cluster_name: 'THE_CLUSTER' }]));
    this.answers('api-status', '');
    this.does(
      'api-status',
      // The real program names the cluster only when it is called with -v.
      `named() { while [ $# -gt 1 ]; do [ "$1" = -c ] && echo "\\"$2\\""; shift; done; }
       case " $* " in *' -v '*) cluster=$(named "$@") ;; *) cluster=null ;; esac
       if grep -q '^launch' "$folder/calls"; then sed "s/\\"THE_CLUSTER\\"/$cluster/" "$folder/records"; else echo '[]'; fi`,
    );
  }

  read(name: string): string {
    const file = path.join(this.folder, name);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  calls(command: string): number {
    return this.read('calls')
      .split('\n')
      .filter((line) => line.startsWith(command)).length;
  }

  /** The ids of processes of the program that still run. */
  running(): string[] {
    return this.read('pids')
      .split('\n')
      .filter((pid) => pid !== '' && isRunning(pid));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A zombie is still listed, but has ended. */
function isRunning(pid: string): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
