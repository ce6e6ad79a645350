# SPDX-License-Identifier: MIT
#
# A few lines of TAP for the structure checks, sourced by each of them:
#
#     . "$(dirname "$0")/tap.sh"
#     check "no file is too long" "$findings"   # passes when there are none
#     skip  "format" "clang-format is not installed"
#     finish
set -u
export LC_ALL=C
cd "${BASIN_SOURCE:-$(dirname "$0")/../..}" || exit 1

cases=0
failures=0

# check NAME FINDINGS: fails, and shows them, unless FINDINGS is empty.
check()
{
    cases=$((cases + 1))
    if [ -z "$2" ]; then
        echo "ok $cases - $1"
    else
        failures=$((failures + 1))
        echo "not ok $cases - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}

# skip NAME WHY
skip()
{
    cases=$((cases + 1))
    echo "ok $cases - $1 # SKIP $2"
    echo "skipped: $1: $2" >&2
}

finish()
{
    echo "1..$cases"
    [ "$failures" -eq 0 ]
    exit
}
