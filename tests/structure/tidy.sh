#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Plain tidiness of the sources: length, blanks, licence lines, and nothing
# in the repository that a build, an editor or an operating system left.
. "$(dirname "$0")/tap.sh"

longest=600 # lines; past 500 a file usually hides two nouns

page=$(find web -name node_modules -prune -o -type f \( -name '*.[ch]' \
    -o -name '*.ts' -o -name '*.tsx' -o -name '*.mjs' -o -name '*.js' \
    -o -name '*.css' -o -name '*.sh' \) -print | grep -v 'style.d.ts' | sort)
c_files="$(find include src examples bench tests -name '*.[ch]' | sort) $page"
scripts=$(find tests bench .ci \( -name '*.sh' -o -name '*.py' -o -name run \) \
    -type f | sort; echo run)
texts=$(find include src examples bench tests man docs .ci -type f \
    \( -name '*.[ch]' -o -name '*.def' -o -name '*.sh' -o -name '*.py' \
       -o -name '*.md' -o -name '*.1' -o -name 'meson.build' \) | sort
    echo "$page"
    for f in run meson.build meson_options.txt README.md CHANGELOG.md \
        LICENSE .clang-format .editorconfig; do
        [ -f "$f" ] && echo "$f"
    done)

check "no file of src/ or include/ has more than $longest lines" \
    "$(find include src -name '*.[ch]' | sort | xargs wc -l |
        awk -v most=$longest '$2 != "total" && $1 > most {print $2 ": " $1}')"

check "every C file and script names its licence in its first lines" \
    "$(for f in $c_files $scripts; do
        head -n 3 "$f" | grep -q 'SPDX-License-Identifier: MIT' || echo "$f"
    done)"

check "no tabs" "$(grep -nP '\t' $texts /dev/null | cut -c1-120)"

check "no blanks at the ends of lines, no carriage returns" \
    "$(grep -nP '[ \r]$' $texts /dev/null | cut -c1-120)"

check "every file ends with one newline" "$(for f in $texts; do
    [ -s "$f" ] || continue
    [ -z "$(tail -c 1 "$f")" ] || echo "$f: no newline at the end"
    [ -n "$(tail -n 1 "$f")" ] || echo "$f: a blank line at the end"
done)"

check "a TODO carries the number of its issue" \
    "$(grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $c_files /dev/null |
        grep -vE '(TODO|FIXME)\(#[0-9]+\)')"

check "header guards are BASIN_NAME_H, without a leading underscore" \
    "$(for f in $(find include src -name '*.h'); do
        grep -qE '^#define [A-Z][A-Z0-9_]*_H$' "$f" || echo "$f"
    done)"

if git rev-parse --git-dir >/dev/null 2>&1; then
    check "no debris in the repository" \
        "$(git ls-files --cached --others --exclude-standard |
            grep -E '(\.(o|a|so|orig|rej|swp|log|tmp|core|pyc|bak)|~|\.DS_Store)$')"
else
    skip "no debris in the repository" "this is not a git clone"
fi
finish
