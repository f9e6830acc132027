#!/bin/sh
# Make the sample holdings, take them the whole way, and serve them: `make demo` calls this with home folder and port.
# Every step may be repeated, so what was interrupted is taken up where it stopped; a second start only serves.
set -eu

home=$1
port=$2
address="http://127.0.0.1:$port"
ready="$home/demo-ready"

# The demonstration stands alone: what is set for another installation must not reach it.
for name in $(env | sed -n 's/^\(VITRINE_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$name"
done
export VITRINE_HOME_DIR="$home" VITRINE_PORT="$port"

python - "$port" <<'END'
import socket, sys
with socket.socket() as wanted:
    wanted.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        wanted.bind(("127.0.0.1", int(sys.argv[1])))
    except OSError as error:
        sys.exit(f"Port {sys.argv[1]} cannot be used ({error.strerror}). Choose another: make demo PORT=8001")
END

mkdir -p "$home"
vitrine init

if [ ! -f "$ready" ]; then
    echo "Drawing the sample documents …"
    python -m data.generate "$home/deliveries"
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

echo
echo "What was made is in $home; remove that folder to begin anew."
exec vitrine serve
