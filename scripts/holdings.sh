#!/bin/sh
# Make the sample holdings and take them the whole way, ready to be served: arguments are home folder and port.
# Every step may be repeated, so what was interrupted is taken up where it stopped; done twice, it changes nothing.
set -eu

home=$1
port=$2
address="http://127.0.0.1:$port"
ready="$home/demo-ready"

export VITRINE_HOME_DIR="$home" VITRINE_PORT="$port"

mkdir -p "$home"
vitrine init

if [ ! -f "$ready" ]; then
    echo "Drawing the sample documents …"
    python -m data.holdings "$home/deliveries"
    for delivery in "$home"/deliveries/*/; do
        delivery=${delivery%/}
        institution=$(sed -n 's/^institution *= *"\(.*\)".*/\1/p' "$delivery/delivery.toml")
        echo
        echo "== $(basename "$delivery")"
        vitrine check "$delivery"
        vitrine accept "$delivery" --by "Camille Dubois (démonstration)" --for "$institution"
        vitrine ingest "$delivery"
    done
    echo
    vitrine publish --all
    echo "$address" >"$ready"
elif [ "$(cat "$ready")" != "$address" ]; then
    # What is published holds absolute addresses: another port is a publication of everything.
    vitrine rebase "$address"
    echo "$address" >"$ready"
fi
