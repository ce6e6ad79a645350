#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Each public header compiles alone, and twice in a row, as strict C11 and as
# C++, without a warning. CC and CXX come from the build.
. "$(dirname "$0")/tap.sh"

cc=${CC:-cc}
cxx=${CXX:-}
if [ -z "$cxx" ]; then
    for c in g++ clang++; do
        command -v $c >/dev/null 2>&1 && cxx=$c && break
    done
fi
strict='-pedantic -Wall -Wextra -Wshadow -Wundef -Werror -fsyntax-only -Iinclude'

for file in include/basin/*.h; do
    name=basin/$(basename "$file")
    source="#include \"$name\"
#include \"$name\"
extern int basin_header_check;"
    check "$name as C11" \
        "$(echo "$source" | $cc -x c -std=c11 -Wstrict-prototypes $strict - 2>&1)"
    if [ -n "$cxx" ]; then
        check "$name as C++11" \
            "$(echo "$source" | $cxx -x c++ -std=c++11 $strict - 2>&1)"
    else
        skip "$name as C++11" "no C++ compiler is installed"
    fi
done
finish
