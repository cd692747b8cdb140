#!/usr/bin/env bash
# Run a command once per word after --, stop at the first that fails, and tell the
# time that each took.
#
#   scripts/timed.sh COMMAND... -- WORD...        e.g.  timed.sh make -- lint types
set -uo pipefail
command=()
while [ "$1" != -- ]; do
  command+=("$1")
  shift
done
shift
times=
for word in "$@"; do
  printf '\n== %s\n' "$word"
  begin=$SECONDS
  "${command[@]}" "$word" || {
    code=$?
    printf '\n%s failed after %d s.%s\n' "$word" $((SECONDS - begin)) "$times" >&2
    exit "$code"
  }
  times="$times $word $((SECONDS - begin)) s;"
done
printf '\nAll checks passed:%s %d s in all.\n' "$times" "$SECONDS"
