#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every registered loss has a page and a picture of modest size in docs/losses/,
# the page says what the registry says, and the list names it. ./run docs writes
# them.
. "$(dirname "$0")/tap.sh"

exe=${BASIN_EXE:-build/basin}
folder=docs/losses
losses=$("$exe" list loss --json | sed -nE 's/^    "name": "([^"]*)",$/\1/p' |
    while read -r name; do
        # the parts, and not their parameters
        "$exe" list loss | grep -qE "^  $name " && echo "$name"
    done)
check "there are losses" "$([ -n "$losses" ] || echo 'basin list loss is empty')"

for name in $losses; do
    page=$folder/$name.md
    check "$page and its picture are there; ./run docs writes them" "$(
        [ -s "$page" ] || echo "no $page"
        [ -s "$folder/$name.png" ] || echo "no $folder/$name.png"
        size=$(wc -c <"$folder/$name.png" 2>/dev/null || echo 0)
        [ "$size" -le 61440 ] || echo "$folder/$name.png has $size bytes"
        grep -qF "]($name.md)" "$folder/README.md" ||
            echo "$folder/README.md does not name it")"
    [ -s "$page" ] || continue
    check "$page has the formula and source of the registry" \
        "$("$exe" list loss | awk -v name="$name" '
            /^  [^ ]/ {here = $1 == name; line = 0}
            here && ++line >= 2 && line <= 3 {sub(/^ +/, ""); print}' |
            while read -r said; do
                grep -qF -- "$said" "$page" || echo "it does not say: $said"
            done)"
done

check "no page is left over" "$(for page in $folder/*.md; do
    name=$(basename "$page" .md)
    [ "$name" = README ] || echo "$losses" | grep -qx -- "$name" || echo "$page"
done)"
finish
