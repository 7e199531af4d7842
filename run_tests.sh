#!/usr/bin/env bash
# All tests in three lines side by side: whole days and faults mostly wait for real sound, seats and their pages for a
# browser, the rest wants the processor.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
days=(tests/journeys tests/faults)
seats=(tests/kiosk_client tests/audio)
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

.venv/bin/pytest "${days[@]}" -p no:cacheprovider >"$logs/days" 2>&1 </dev/null &
first=$!
.venv/bin/pytest "${seats[@]}" -p no:cacheprovider >"$logs/seats" 2>&1 </dev/null &
second=$!
.venv/bin/pytest "${days[@]/#/--ignore=}" "${seats[@]/#/--ignore=}" </dev/null
rest=$?
wait "$first"
whole_days=$?
wait "$second"
at_seats=$?
printf '\nWhole days and faults:\n'
cat "$logs/days"
printf '\nSeats and sound:\n'
cat "$logs/seats"
exit $((rest ? rest : whole_days ? whole_days : at_seats))
