#!/bin/sh
# Run every benchmark there is, one after the other; stop at the first that fails.
set -eu
found=no
for script in benchmarks/bench_*.py; do
    [ -e "$script" ] || continue
    found=yes
    echo "== $script"
    python "$script"
done
[ "$found" = yes ] || echo "No benchmark is written yet; benchmarks/README.md says what they will measure."
