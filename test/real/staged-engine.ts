/** Where the engine listens. */
const PORT = 8080;
/** The engine is ready when this file is there, in the home of its user. */
const GATE = 'ready';

/**
 * A launch of a custom task: an engine that is not vLLM. It starts at once, in the words of uvicorn, and is ready when
 * its gate is opened, so that a launch can be held in `health_check`.
 */
export const STAGED_ENGINE = {
  task_yaml: `resources:
  infra: lambda/us-east-1
  accelerators: A100:1
  ports: ${PORT}
setup: |
  echo "the engine needs nothing"
run: |
  cat > ~/engine.py <<'PROGRAM'
  import http.server, os
  gate = os.path.expanduser('~/${GATE}')
  class Engine(http.server.BaseHTTPRequestHandler):
      def do_GET(self):
          self.send_response(200)
          self.end_headers()
          self.wfile.write(b'state: ready' if os.path.exists(gate) else b'state: warming up')
      def log_message(self, *words):
          pass
  server = http.server.ThreadingHTTPServer(('', ${PORT}), Engine)
  print('INFO:     Application startup complete.')
  server.serve_forever()
  PROGRAM
  exec python3 -u ~/engine.py
`,
  model: 'launchlog/staged',
  ready: { path: '/state', port: PORT, text: 'state: ready' },
};

/** What happens to it, as commands of its machine. The pattern does not match the shell of the command. */
export const ENGINE = {
  openGate: `touch /home/ubuntu/${GATE}`,
  freeze: "pkill -STOP --full '[e]ngine.py'",
  thaw: "pkill -CONT --full '[e]ngine.py'",
};
