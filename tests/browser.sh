#!/usr/bin/env bash
# Installs Debian's Chromium for the browser test when there is no browser yet and apt can.
set -uo pipefail
for browser in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$browser" >/dev/null && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "installing chromium for the browser test"
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; } >/dev/null \
        && command -v chromium >/dev/null && exit 0
fi
echo "NOTE: no Chrome or Chromium was found and none could be installed; the browser test will be skipped." >&2
echo "      Install one (on Debian: apt-get install chromium) and run make test again." >&2
