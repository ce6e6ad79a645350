#!/bin/sh
# SPDX-License-Identifier: MIT
#
# tests/list.sh FOLDER PREFIX: the NAMEs of all PREFIXNAME.c there, for Meson.
for file in "$1/$2"*.c; do
    [ -e "$file" ] || continue
    name=${file##*/}
    name=${name#"$2"}
    echo "${name%.c}"
done
