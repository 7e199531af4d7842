#!/usr/bin/env bash
# All tests in four lines side by side. Whole days, faults and sound mostly wait for sound itself, seats and pages for a
# browser; the other two, the stages that have most tests and the rest, want the processor, about as much of it each.
# The last line shows its tests as they run, the others when they are done.
# What failed is run once more with the machine to itself (docs/decisions/0131): what fails again fails the run.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
days=(tests/journeys tests/faults tests/audio)
seats=(tests/kiosk_client)
stages=(tests/testing_server/exam_day tests/testing_server/marking tests/testing_server/preparation)
others=("${days[@]}" "${seats[@]}" "${stages[@]}")
# a day that fails at its beginning fails in all its tests
SECOND_CHANCES=24
# hundreds of servers and seats are started on the way: what was compiled once stays compiled
export PYTHONDONTWRITEBYTECODE=
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

run_line() {
    local name=$1
    shift
    .venv/bin/pytest "$@" -o cache_dir="$logs/cache-$name" --durations=12 --durations-min=5 </dev/null
}

count_failed() {
    .venv/bin/python -c 'import json, sys; print(len(json.load(open(sys.argv[1]))))' \
        "$logs/cache-$1/v/cache/lastfailed" 2>/dev/null || echo 0
}

try_again() {
    local name=$1
    printf '\n%s: FAILED BESIDE OTHER TESTS, once more alone:\n' "$name"
    # 1 is "some tests failed": nothing else, as a line that was killed, has a second chance
    [ "${results[$name]}" = 1 ] && [ "$(count_failed "$name")" -le "$SECOND_CHANCES" ] &&
        .venv/bin/pytest --last-failed --last-failed-no-failures none -o cache_dir="$logs/cache-$name" \
            "${@:2}" </dev/null
}

run_line days "${days[@]}" >"$logs/days" 2>&1 & pids[0]=$!
run_line seats "${seats[@]}" >"$logs/seats" 2>&1 & pids[1]=$!
run_line stages "${stages[@]}" >"$logs/stages" 2>&1 & pids[2]=$!
declare -A results
run_line rest "${others[@]/#/--ignore=}"
results[rest]=$?
wait "${pids[0]}"; results[days]=$?
wait "${pids[1]}"; results[seats]=$?
wait "${pids[2]}"; results[stages]=$?
for name in days seats stages; do
    printf '\n%s:\n' "$name"
    cat "$logs/$name"
done

result=0
[ "${results[rest]}" = 0 ] || try_again rest "${others[@]/#/--ignore=}" || result=1
[ "${results[days]}" = 0 ] || try_again days "${days[@]}" || result=1
[ "${results[seats]}" = 0 ] || try_again seats "${seats[@]}" || result=1
[ "${results[stages]}" = 0 ] || try_again stages "${stages[@]}" || result=1
exit "$result"
