#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds the page and drives it in Chromium. Skipped, and said so, where there
# is no browser, no npm, or no compiler for WebAssembly.
. "$(dirname "$0")/structure/tap.sh"

missing=
for tool in node npm clang wasm-ld; do
    command -v $tool >/dev/null 2>&1 || missing="$missing $tool"
done
browser=
for name in chromium chromium-browser google-chrome; do
    [ -n "$browser" ] || browser=$(command -v $name || true)
done
[ -n "$browser" ] || missing="$missing chromium"
if [ -n "$missing" ]; then
    skip "the page" "not here:$missing"
    finish
fi

page=${BASIN_BUILD:-$PWD/build}/page
if ! log=$(web/build.sh "$page" 2>&1); then
    if [ ! -d web/node_modules ]; then
        skip "the page" "npm could not fetch its packages"
        finish
    fi
    check "the page builds" "$log"
    finish
fi
export BASIN_PAGE="$page" BROWSER="$browser"
: "${BASIN_EXE:=$PWD/build/basin}"
: "${BASIN_BUILD:=$PWD/build}"
export BASIN_EXE BASIN_BUILD
exec node web/tests/page.mjs
