#!/bin/sh
# Installs what the tests need beside Node and is missing: Debian's packages, by apt-get, as root.
# `compat` as an argument adds what `npm run test:compat` needs.
set -eu

# Debian keeps the programs of servers (nginx) where the PATH of an ordinary user does not lead.
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"

missing=""
need() { # need <package> <command or path>
  command -v "$2" >/dev/null 2>&1 || [ -x "$2" ] || missing="$missing $1"
}

need redis-server redis-server
command -v chromium >/dev/null 2>&1 || need chromium-headless-shell chromium-headless-shell
need curl curl
need nginx nginx
need openssl openssl
need pgbouncer pgbouncer
need tmux tmux
need prometheus promtool
# Python runs examples of the documentation and the tools that look at the files for deployment.
python3 -c "import ensurepip" >/dev/null 2>&1 || missing="$missing python3-venv"
if [ "${1:-}" = compat ]; then
  need haproxy haproxy
  need varnish varnishd
  need golang-go go
  need default-jdk-headless java
fi
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"

[ -z "$missing" ] && exit 0

cannot() {
  echo "The tests need these Debian packages, which are missing:$missing" >&2
  echo "$1" >&2
  exit 1
}

command -v apt-get >/dev/null 2>&1 || cannot "There is no apt-get here: install their equivalents and run the command again."
sudo=""
if [ "$(id -u)" -ne 0 ]; then
  sudo="sudo -n"
  $sudo true 2>/dev/null || cannot "Run as root, or install them first: sudo apt-get install --no-install-recommends$missing"
fi

echo "Installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# Packages that bring a service must not start it: the tests start their own, on free ports.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
  $sudo chmod 755 "$policy"
  trap '$sudo rm -f "$policy"' EXIT
fi
$sudo apt-get update -qq || cannot "apt-get update failed."
# shellcheck disable=SC2086
$sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null || cannot "apt-get install failed."
