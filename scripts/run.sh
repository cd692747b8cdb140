#!/usr/bin/env bash
# Open the window; where there is no display, run the default experiment here.
#
#   scripts/run.sh OPTLAB                         e.g.  run.sh .venv/bin/optlab
set -euo pipefail
optlab=$1

if [ "$(uname -s)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  sh scripts/system-libraries.sh window
  exec "$optlab"
fi
sh scripts/system-libraries.sh offscreen --optional
out=runs/first-look-$(date +%Y%m%d-%H%M%S)
while [ -e "$out" ]; do out=$out-again; done
echo "There is no display here, so the default experiment runs in the terminal."
"$optlab" run first-look --out "$out"
echo "The results lie in $out:"
ls -1 "$out"
