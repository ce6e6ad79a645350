#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Every man page is clean mdoc, is installed, and names each option that the
# command's own help names.
. "$(dirname "$0")/tap.sh"

for page in man/*.[1-9]; do
    if command -v mandoc >/dev/null 2>&1; then
        # "not found": a page refers to one that is not installed yet
        check "$page is clean mdoc" "$(mandoc -T lint -W style "$page" 2>&1 |
            grep -vE 'referenced manual not found|outdated mandoc.db')"
    else
        skip "$page is clean mdoc" "mandoc is not installed"
    fi
    check "$page is installed" \
        "$(grep -q "'$(basename "$page")'" man/meson.build ||
            echo "man/meson.build does not name it")"
done

# Each subcommand has a page, and each of its options stands there.
exe=${BASIN_EXE:-build/basin}
for page in man/basin-*.1; do
    name=$(basename "$page" .1)
    name=${name#basin-}
    check "$page names every option of basin $name --help" \
        "$("$exe" "$name" --help 2>&1 | grep -oE '(^|[ ,[(|])--[a-z][a-z-]*' |
            grep -oE '[a-z][a-z-]*' | sort -u | while read -r option; do
            # mdoc writes Fl -option
            grep -qE "Fl -$option\b" "$page" || echo "--$option"
        done)"
done
finish
