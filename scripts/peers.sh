#!/bin/sh
# Install what the benchmarks measure beside us, and wrk which measures: Debian's iipsrv, the vips command, wrk. Where it
# is missing and the user is root; otherwise say which peers will not be measured. Nothing of it is in the product.
set -eu

missing=""
command -v wrk >/dev/null || missing="$missing wrk"
command -v vips >/dev/null || missing="$missing libvips-tools"
[ -x /usr/lib/iipimage-server/iipsrv.fcgi ] || missing="$missing iipimage-server"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    for package in $missing; do
        DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$package" ||
            echo "$package cannot be installed here."
    done
fi

for each in "wrk:wrk: nothing can be measured over HTTP" \
    "vips:libvips-tools: no peer has pyramids, and ours are compared with none"; do
    command -v "${each%%:*}" >/dev/null || echo "Missing ${each#*:}."
done
[ -x /usr/lib/iipimage-server/iipsrv.fcgi ] || echo "Missing iipimage-server: iipsrv 1.1 is not measured."
