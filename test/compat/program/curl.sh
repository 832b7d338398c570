#!/bin/sh
# curl.sh URL TICKET: how many entries the stream has, and whether it ends.
curl -sN "$1?tail=10000&ticket=$2" | awk '/^event: log/{n++} /^event: done/{d++} END{printf "{\"entries\":%d,\"done\":%d}\n", n, d}'
