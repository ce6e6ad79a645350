#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The reference of the C library has every symbol that the library gives away,
# and each of them is explained. ./run docs writes it.
. "$(dirname "$0")/tap.sh"

if ! command -v python3 >/dev/null 2>&1; then
    skip "the reference of the C library" "python3 is not installed"
    finish
    exit
fi
check "every public symbol has a comment" \
    "$(docs/api.py --check include/basin 2>&1)"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
check "the reference can be written" \
    "$(docs/api.py include/basin "$folder" 2>&1)"

library=${BASIN_BUILD:-build}/libbasin.so
if command -v nm >/dev/null 2>&1; then
    check "it has every symbol of the library" "$(
        nm -D --defined-only "$library" | sed -nE 's/.* T (basin_[a-z])/\1/p' |
            while read -r name; do
                grep -qF "\`$name\`" "$folder/README.md" || echo "$name"
            done)"
else
    skip "it has every symbol of the library" "nm is not installed"
fi
check "each header has a page" "$(for header in include/basin/*.h; do
    name=$(basename "$header" .h)
    [ "$name" = basin ] || [ -s "$folder/$name.md" ] || echo "$name"
done)"

# The check itself can fail.
mkdir "$folder/bad"
printf '/* SPDX */\n\nBASIN_API int basin_bare(int n);\n' >"$folder/bad/x.h"
check "a symbol without a comment is noticed" \
    "$(docs/api.py --check "$folder/bad" >/dev/null 2>&1 &&
        echo 'basin_bare passed')"
finish
