#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The sources are as clang-format 14, Debian's, writes them; another version
# would write them otherwise. With --write it mends them.
. "$(dirname "$0")/tap.sh"

tool=
for candidate in clang-format-14 clang-format; do
    if command -v $candidate >/dev/null 2>&1 &&
        $candidate --version | grep -q 'version 14\.'; then
        tool=$candidate
        break
    fi
done
files=$(find include src web/*.c web/wasm examples bench tests -name '*.[ch]' |
    sort)

if [ "${1:-}" = --write ]; then
    [ -n "$tool" ] || { echo "clang-format 14 is not installed" >&2; exit 1; }
    $tool -i $files
    exit
fi
if [ -n "$tool" ]; then
    check "the sources are formatted (./run format mends them)" \
        "$($tool --dry-run $files 2>&1 | grep 'warning: code should' |
            cut -d: -f1,2 | uniq | head -n 40)"
else
    skip "the sources are formatted" "clang-format 14 is not installed"
fi
finish
