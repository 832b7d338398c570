#!/bin/sh
# Holds a running server against its own OpenAPI document with schemathesis, which is installed into .cache.
# Opt-in: it needs Python, a package index and some minutes. EXAMPLES: inputs of each operation.
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
tools="$root/.cache/schemathesis"
version=4.32.5
examples=${EXAMPLES:-20}
token=the-token-of-the-openapi-test
work=$(mktemp -d)

if [ ! -x "$tools/bin/schemathesis" ]; then
  python3 -m venv "$tools"
  "$tools/bin/pip" install --quiet "schemathesis==$version"
fi

PORT=0 DATA_DIR="$work/data" ADMIN_TOKEN=$token ORCHESTRATOR=simulated SIMULATOR_SPEED=1000 LOG_LEVEL=error \
  REQUESTS_PER_MINUTE=10000000 REQUESTS_PER_MINUTE_AND_ADDRESS=10000000 LAUNCHES_PER_MINUTE=100000 \
  node "$root/server/dist/main.js" >"$work/server.log" 2>&1 &
server=$!
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

tries=0
until url=$(sed -n 's/^Launchlog listens on \(http.*\)$/\1/p' "$work/server.log") && [ -n "$url" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 400 ] || { cat "$work/server.log" >&2; exit 1; }
  sleep 0.1
done

# Streams never end, and a session would sign the client in by cookie: both have tests of their own.
cd "$work"
"$tools/bin/schemathesis" run "$url/openapi.json" -H "X-Admin-Token: $token" \
  --checks not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance \
  --phases examples,coverage,fuzzing --max-examples "$examples" --request-timeout 20 \
  --exclude-path-regex 'stream|session'
