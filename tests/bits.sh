#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The same bits from gcc and clang, with and without optimisation, with all
# kernels that this machine has: each build of bits.c must print bits.golden.
#
#     tests/bits.sh [--full | --write]
#
# --full tries more levels, and the core without threads; --write writes down
# what the first build prints, for when the arithmetic was changed on purpose.
: "${BASIN_SOURCE:=$(cd "$(dirname "$0")/.." && pwd)}"
export BASIN_SOURCE
. "$BASIN_SOURCE/tests/structure/tap.sh"

golden=tests/bits.golden
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The flags of meson.build that decide about bits, and no others.
always='-std=c11 -Iinclude -Isrc -ffp-contract=off -fno-math-errno'
sources=$(ls src/base/*.c src/graph/*.c src/energy/*.c src/inference/*.c \
    src/loss/*.c src/learn/*.c src/tensor/portable.c src/tensor/backend.c \
    src/tensor/chain.c)
case $(uname -m) in
x86_64) vectors='4:sse2: 8:avx2:-mavx2
16:avx512:-mavx512f,-mavx512vl,-mavx512dq,-mavx512bw' ;;
aarch64) vectors='4:sse2:' ;;
*) vectors= ;;
esac

# compile FOLDER COMPILER FLAGS: makes FOLDER/bits, two files at a time.
compile()
{
    mkdir -p "$1"
    widths=0
    for set in $vectors; do
        widths=$((widths + ${set%%:*}))
    done
    {
        for file in $sources tests/bits.c; do
            echo "$1/$(echo "$file" | tr / _).o $file"
        done
        for set in $vectors; do
            rest=${set#*:}
            for file in "src/tensor/"*"_${rest%%:*}.c"; do
                echo "$1/$(basename "$file").o $file" \
                    "$(echo "${rest#*:}" | tr , ' ')"
            done
        done
    } | xargs -P 2 -I LINE sh -c "set -- LINE; out=\$1; shift
        exec $2 $always -DBASIN_VECTORS=$widths $3 -c \"\$@\" -o \"\$out\"" &&
        $2 $3 "$1"/*.o -o "$1/bits" -lm
}

# try COMPILER FLAGS
try()
{
    name="$1 $2"
    if ! command -v "$1" >/dev/null 2>&1; then
        skip "the bits of $name" "$1 is not installed"
        return
    fi
    threads=-fopenmp
    echo 'int main(void) { return 0; }' >"$work/omp.c"
    $1 -fopenmp "$work/omp.c" -o "$work/omp" 2>/dev/null || threads=
    case $2 in *FREESTANDING*) threads= ;; esac
    folder=$work/$(echo "$name" | tr -c 'A-Za-z0-9\n' _)
    if ! compile "$folder" "$1" "$2 $threads" >"$work/log" 2>&1; then
        check "the bits of $name" "it does not build: $(tail -n 20 "$work/log")"
        return
    fi
    "$folder/bits" >"$work/out" 2>&1
    [ "$write" = no ] || cp "$work/out" "$golden"
    write=no
    check "the bits of $name ($("$folder/bits" --backends))" \
        "$(diff "$golden" "$work/out")"
    rm -rf "$folder"
}

write=no
[ "${1:-}" != --write ] || write=yes
try gcc -O0
try gcc -O3
try clang -O0
try clang '-O3 -march=native'
if [ "${1:-}" = --full ]; then
    try gcc '-O3 -march=native'
    try gcc -O2
    try gcc -Os
    try clang -O2
    vectors=
    try gcc '-O2 -DBASIN_FREESTANDING'
    try clang '-O3 -DBASIN_FREESTANDING'
fi
finish
