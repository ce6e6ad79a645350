#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the papers show is true: every ```c block of README.md and docs/ stands,
# line after line, in a source (how far it is indented aside), README's in
# examples/first.c, and that program prints what README says it prints.
. "$(dirname "$0")/tap.sh"

build=${BASIN_BUILD:-$PWD/build}

# block FILE LANGUAGE NUMBER: what stands in that fence.
block()
{
    awk -v fence="\`\`\`$2" -v wanted="$3" '
        /^```/ && inside {inside = 0; next}
        /^```/ {inside = 1; number += $0 == fence; show = $0 == fence; next}
        inside && show && number == wanted' "$1"
}

# stands BLOCK SOURCE...: is the block, indented alike or not, in one of them?
stands()
{
    awk '
        {sub(/^ +/, "")}
        FNR == NR {block[++n] = $0; next}
        FNR == 1 {file++; at = 0; delete line}
        {
            line[++at] = $0
            for (i = 0; i < n && line[at - i] == block[n - i]; i++);
            if (n && i == n) {found = 1; exit}
        }
        END {exit !found}' "$@"
}

text=$(mktemp) || exit 1
trap 'rm -f "$text"' EXIT
sources=$(find examples src include tests \( -name '*.c' -o -name '*.h' \) | sort)

for paper in README.md docs/*.md; do
    blocks=$(grep -c '^```c$' "$paper")
    number=0
    while [ "$number" -lt "$blocks" ]; do
        number=$((number + 1))
        block "$paper" c "$number" >"$text"
        where=$sources
        [ "$paper" != README.md ] || where=examples/first.c
        check "$paper shows true code, block $number" \
            "$(stands "$text" $where || { echo 'it stands nowhere:'; head -n 4 "$text"; })"
    done
done

check "README.md shows one program" \
    "$(n=$(grep -c '^```c$' README.md); [ "$n" = 1 ] || echo "$n blocks of C")"
first=$build/examples/first
if [ -x "$first" ]; then
    block README.md text 1 >"$text"
    check "examples/first prints what README.md says" \
        "$("$first" 2>&1 | diff "$text" - | head -n 20)"
else
    check "examples/first is built" "$first is not there"
fi

# A link to a file of the repository leads somewhere.
check "the papers' links lead somewhere" "$(for paper in README.md TESTING.md \
    CHANGELOG.md docs/*.md; do
    grep -oE '\]\([^)#]+' "$paper" | cut -c3- | grep -vE '^https?:' |
        while read -r link; do
            [ -e "$(dirname "$paper")/$link" ] || echo "$paper: $link"
        done
done)"
finish
