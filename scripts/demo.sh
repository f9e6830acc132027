#!/bin/sh
# What `make demo` does, with home folder and port: the sample holdings, made once, and the server.
set -eu

home=$1
port=$2

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

sh scripts/holdings.sh "$home" "$port"
echo
echo "What was made is in $home; remove that folder to begin anew."
exec vitrine serve
