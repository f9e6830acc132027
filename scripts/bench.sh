#!/bin/sh
# Run every benchmark, one after the other, with the arguments given (--quick, --write); the status is 1 where a floor is
# missed or a benchmark could not measure. All of them take about an hour, and one more the first time; nothing else should
# run on the machine.
set -eu
sh scripts/peers.sh
status=0
python benchmarks/bench_manifest.py || status=1
for name in tiles regions pyramids memory search library publishing harvest harvest_plan deliveries quality review fuzz; do
    echo
    echo "== $name"
    python -m "benchmarks.$name" "$@" || status=1
done
exit "$status"
