#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Builds the page: web/build.sh OUT. Needs clang for WebAssembly, node and npm;
# ./run page installs them.
set -eu
cd "$(dirname "$0")/.."
out=${1:-build/page}
case $out in /*) ;; *) out=$PWD/$out ;; esac
mkdir -p "$out"

# The module only when something it is made of is newer.
newer=$(find include src web/wasm -type f -newer "$out/basin.wasm" \
    2>/dev/null | head -n 1) || true
[ -f "$out/basin.wasm" ] && [ -z "$newer" ] ||
    web/wasm/build.sh "$out/basin.wasm"

cd web
if [ ! -d node_modules ] ||
    [ package-lock.json -nt node_modules/.package-lock.json ]; then
    npm ci --no-audit --no-fund --loglevel=error
fi
node build.mjs "$out"
