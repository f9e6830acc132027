#!/bin/sh
# Install Debian's Chromium for the browser tests, where it is missing and the user is root. Otherwise say what follows.
set -eu
if command -v chromium >/dev/null || command -v chromium-browser >/dev/null; then
    exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium
    exit 0
fi
echo "Chromium is missing and you are not root: the browser tests will not be run (apt-get install chromium)."
