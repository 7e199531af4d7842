#!/usr/bin/env bash
# All tests in four lines side by side. Whole days and faults mostly wait for real sound, seats and their pages for a
# browser, the other two want the processor. The last line shows its tests as they run, the others when they are done.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
days=(tests/journeys tests/faults)
seats=(tests/kiosk_client tests/audio)
room=(tests/testing_server/exam_day)
others=("${days[@]}" "${seats[@]}" "${room[@]}")
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

run_line() {
    local name=$1
    shift
    .venv/bin/pytest "$@" -p no:cacheprovider >"$logs/$name" 2>&1 </dev/null
}

run_line days "${days[@]}" & pids[0]=$!
run_line seats "${seats[@]}" & pids[1]=$!
run_line room "${room[@]}" & pids[2]=$!
.venv/bin/pytest "${others[@]/#/--ignore=}" </dev/null
result=$?
for place in 0 1 2; do
    wait "${pids[place]}" || result=1
done
for name in days seats room; do
    printf '\n%s:\n' "$name"
    cat "$logs/$name"
done
exit "$result"
