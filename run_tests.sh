#!/usr/bin/env bash
# All tests in two lines side by side: whole days and faults mostly wait for real sound, the rest wants the processor.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
.venv/bin/pytest tests/journeys tests/faults -p no:cacheprovider >"$log" 2>&1 </dev/null &
days=$!
.venv/bin/pytest --ignore=tests/journeys --ignore=tests/faults </dev/null
rest=$?
wait "$days"
whole=$?
echo
echo "Whole days and faults:"
cat "$log"
exit $((rest ? rest : whole))
