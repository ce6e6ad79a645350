#!/bin/sh
# SPDX-License-Identifier: MIT
#
# The layers: no room includes from above, src/loss/ sees src/base/ only,
# src/view/ is for src/cli/ alone, and the core neither prints, nor opens a
# file, nor ends the program.
. "$(dirname "$0")/tap.sh"

# room: what it may include from src/; and then which public headers.
rooms='
base      : base                                                   : base math
tensor    : base tensor                                            : base math tensor
graph     : base tensor graph                                      : base math tensor graph
energy    : base tensor graph energy                               : base math tensor graph energy sequences chain
inference : base tensor graph energy inference                     : base math tensor graph energy loss inference sequences chain lattice
loss      : base loss                                              : base math loss check
learn     : base tensor graph energy inference loss learn          : base math tensor graph energy inference loss learn sequences chain lattice chain_train condition
data      : base tensor graph energy inference loss learn data     : base math tensor graph energy inference loss learn data sequences chain lattice chain_train corpus weights evaluation chain_model tagger
view      : base tensor graph energy inference loss learn data view     : base math tensor graph energy inference loss learn data basin sequences chain lattice chain_train corpus weights evaluation chain_model tagger check
cli       : base tensor graph energy inference loss learn data view cli : base math tensor graph energy inference loss learn data basin sequences chain lattice chain_train corpus weights evaluation chain_model tagger check condition
'
# header: which other public headers it may include.
headers='
base      :
math      : base
tensor    : base math
graph     : base math tensor
energy    : base math tensor graph
loss      : base
check     : base loss
sequences : base
chain     : base math tensor graph energy sequences
lattice   : base math tensor graph energy sequences chain loss
chain_train : base math tensor graph energy loss sequences chain
inference : base math tensor graph energy loss sequences
learn     : base math tensor graph energy loss inference sequences chain lattice
data      : base math tensor graph energy loss inference learn sequences chain lattice
corpus    : base math tensor graph energy loss inference learn data sequences chain lattice
weights   : base math tensor graph energy loss inference learn data sequences chain lattice corpus
evaluation : base math tensor graph energy loss inference learn data sequences chain lattice corpus
chain_model : base math tensor graph energy loss inference learn data sequences chain lattice corpus weights
tagger : base math tensor graph energy loss inference learn data sequences chain lattice corpus weights chain_model
condition : base math tensor graph energy loss inference learn sequences chain lattice
basin     : base math tensor graph energy loss inference learn data sequences chain lattice chain_train corpus weights evaluation chain_model tagger check condition
'

# Prints "file:line: include" for every quoted or basin/ include below $1.
includes()
{
    find "$1" -name '*.[ch]' -o -name '*.def' -o -name '*.inc' | sort |
        xargs -r grep -nE '^[ \t]*#[ \t]*include' /dev/null |
        sed -nE 's/^([^:]*:[0-9]+):.*include[ \t]*["<]([^">]*)[">].*/\1 \2/p'
}

# in_list WORD LIST
in_list()
{
    case " $2 " in *" $1 "*) return 0 ;; esac
    return 1
}

trim() { echo "$1" | sed 's/^ *//; s/ *$//; s/  */ /g'; }

known=$(echo "$rooms" | cut -d: -f1 | xargs)
found=$(find src -mindepth 1 -maxdepth 1 -type d | sed 's|src/||' | sort)
unknown=$(for room in $found; do
    in_list "$room" "$known" || echo "src/$room: not in tests/structure/layers.sh"
done)
check "every room has its place in the layers" "$unknown"

while IFS=: read -r room sources publics; do
    room=$(trim "$room")
    [ -n "$room" ] || continue
    sources=$(trim "$sources")
    publics=$(trim "$publics")
    wrong=$(includes "src/$room" | while read -r place file; do
        case $file in
        *..*) echo "$place: $file: includes are named from src/ or include/" ;;
        basin/*.h)
            name=${file#basin/}
            in_list "${name%.h}" "$publics" || echo "$place: $file" ;;
        src/* | include/*) echo "$place: $file: leave out src/ and include/" ;;
        */*)
            # a folder of its own, a room, or the system's (sys/stat.h)
            if in_list "${file%%/*}" "$known"; then
                in_list "${file%%/*}" "$sources" || echo "$place: $file"
            fi ;;
        esac
    done)
    check "src/$room includes only: $sources" "$wrong"
done <<END
$rooms
END

while IFS=: read -r header below; do
    header=$(trim "$header")
    [ -n "$header" ] || continue
    below=$(trim "$below")
    file=include/basin/$header.h
    if [ ! -f "$file" ]; then
        check "$file exists" "it does not"
        continue
    fi
    wrong=$(includes "$file" | while read -r place other; do
        case $other in
        basin/*.h)
            name=${other#basin/}
            in_list "${name%.h}" "$below" || echo "$place: $other" ;;
        stdio.h) echo "$place: $other" ;;
        */*) echo "$place: $other: a public header includes public ones" ;;
        esac
    done)
    check "basin/$header.h includes only: ${below:-none}" "$wrong"
done <<END
$headers
END

unlisted=$(for file in include/basin/*.h; do
    name=$(basename "$file" .h)
    in_list "$name" "$(echo "$headers" | cut -d: -f1 | xargs)" || echo "$file"
done)
check "every public header has its place in the order" "$unlisted"

# What the core must not call, with comments and strings out of the way.
core=$(echo src/base src/tensor src/graph src/energy src/inference src/loss src/learn)
calls=$(find $core -name '*.[ch]' | sort | while read -r file; do
    awk -v file="$file" '
    {
        line = $0
        gsub(/"([^"\\]|\\.)*"/, "\"\"", line)
        out = ""
        while (line != "") {
            if (inside) {
                end = index(line, "*/")
                if (!end) { line = ""; break }
                line = substr(line, end + 2); inside = 0
            } else {
                start = index(line, "/*")
                if (!start) { out = out line; line = ""; break }
                out = out substr(line, 1, start - 1)
                line = substr(line, start + 2); inside = 1
            }
        }
        sub(/\/\/.*/, "", out)
        if (out ~ /(^|[^A-Za-z0-9_.>])(v?f?printf|v?s?n?printf|puts|putchar|fputs|fopen|open|fwrite|fread|perror|abort|exit|_exit|system|getenv|setlocale|time|clock|rand|srand)[ \t]*\(/)
            print file ":" NR ": " $0
    }' "$file"
done)
check "the core neither prints, opens files, ends the program, nor asks the clock" "$calls"

stdio=$(includes src | while read -r place file; do
    case $file in stdio.h | locale.h | unistd.h | fcntl.h) ;; *) continue ;; esac
    case $place in src/data/* | src/view/* | src/cli/*) continue ;; esac
    echo "$place: <$file>"
done)
check "nothing below src/data knows stdio" "$stdio"

finish
