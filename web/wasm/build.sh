#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The library as WebAssembly: web/wasm/build.sh OUT.wasm
#
# BASIN_SMALL leaves out what a page of surfaces cannot show: the parts for
# labels, pictures and sequences.
#
# clang's own target, with the headers of wasi-libc and nothing of its system:
# the module imports nothing. Objects first, and linked without -O, for clang
# would otherwise run whatever wasm-opt is on the path. The flags that decide
# about bits are those of meson.build.
set -eu
cd "$(dirname "$0")/../.."
out=$1
: "${CLANG:=clang}"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

target='--target=wasm32-wasi --sysroot=/usr'
flags="-std=c11 -msimd128 -ffp-contract=off -fno-math-errno
    -fvisibility=hidden -DNDEBUG -DBASIN_FREESTANDING -DBASIN_VECTORS=4
    -DBASIN_SMALL
    -Iinclude -Isrc -Iweb/wasm/json -ffunction-sections -fdata-sections"

# The core, and of src/data what reads and writes bytes.
{
    ls src/base/*.c src/graph/*.c src/energy/*.c src/inference/*.c \
        src/loss/*.c src/learn/*.c web/wasm/*.c web/wasm/json/*.c
    for name in tensor/portable tensor/backend tensor/vector_sse2 data/array \
        data/bytes data/csv data/model data/model_build data/model_read \
        data/safetensors data/text; do
        echo "src/$name.c"
    done
} >"$work/files"

while read -r file; do
    case $file in # the kernels for speed, what a step runs through between
    src/tensor/vector*) level="-O2 -fno-vectorize -fno-unroll-loops" ;;
    src/graph/dense.c | src/graph/execute.c | src/graph/join.c | \
        src/energy/pass.c | src/inference/grid.c | src/base/math.c | \
        src/learn/optimiser.c | src/learn/trainer.c) level=-Os ;;
    *) level=-Oz ;;
    esac
    echo "$level -c $file -o $work/$(echo "$file" | tr / _).o"
done <"$work/files" | xargs -P 2 -L 1 $CLANG $target $flags

mkdir -p "$(dirname "$out")"
$CLANG $target -nostartfiles -Wl,--no-entry -Wl,--strip-all -Wl,--stack-first \
    -Wl,--gc-sections -Wl,-z,stack-size=262144 \
    -Wl,--export=malloc -Wl,--export=free "$work"/*.o -o "$work/basin.wasm"
mv "$work/basin.wasm" "$out"
