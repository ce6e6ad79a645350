#!/bin/sh
# SPDX-License-Identifier: MIT
#
# What the symbol tables say. The freestanding core (base to learn) needs
# nothing but memory, mem*, str* and the exactly rounded functions, and has no
# state of its own; the library exports what the headers declare, no less and
# no more.
. "$(dirname "$0")/tap.sh"

build=${BASIN_BUILD:-$PWD/build}
core=$build/freestanding/libbasin-core.a
log=$(rm -rf "$build/freestanding" &&
    meson setup "$build/freestanding" . -Dfreestanding=true 2>&1 &&
    ninja -C "$build/freestanding" 2>&1)
if [ ! -f "$core" ]; then
    check "the freestanding core builds" "$log"
    finish
fi
check "the freestanding core builds" ""

allowed='malloc|realloc|free|aligned_alloc|mem[a-z]+|str[a-z]+'
allowed="$allowed|(sqrt|fabs|floor|ceil|trunc|copysign)f?"
defined=$(nm -P --defined-only "$core" | awk 'NF >= 2 {print $1}' | sort -u)
wanted=$(nm -P --undefined-only "$core" | awk '
    /:$/ {split($0, part, /[][]/); member = part[2]}
    $2 == "U" || $2 == "w" {print $1, member}' | sort -u)
check "the core needs nothing but $allowed" \
    "$(echo "$wanted" | awk -v defined="$defined" -v allowed="^($allowed)\$" '
        BEGIN {n = split(defined, name); while (n) here[name[n--]] = 1}
        NF && !($1 in here) && $1 !~ allowed {print $1 " in " $2}')"

check "the core has no state of its own" \
    "$(objdump -t "$core" | awk '
        /file format/ {member = $1}
        match($0, /[ \t](\.data|\.bss|\.tdata|\.tbss|\*COM\*)[ \t]/) &&
            $NF !~ /^\./ {print member " " $NF}')"

check "every global name of the core begins with basin_" \
    "$(nm -P -g --defined-only "$core" | awk 'NF >= 2 && $1 !~ /^basin_/ {
        print $1}' | sort -u)"

library=$build/libbasin.so
declared=$(cat include/basin/*.h | tr '\n' ' ' |
    grep -oE 'BASIN_API [^(;]*\(' | sed -E 's/.*[ *]([a-z_0-9]+) *\($/\1/' |
    grep -E '^basin_' | sort -u)
exported=$(nm -P -D --defined-only "$library" | awk '{print $1}' | sort -u)
check "what the headers declare is in the library" \
    "$(for name in $declared; do
        echo "$exported" | grep -qx "$name" || echo "$name"
    done)"
check "the library exports only what the headers declare" \
    "$(for name in $exported; do
        echo "$declared" | grep -qx "$name" || echo "$name"
    done)"
finish
