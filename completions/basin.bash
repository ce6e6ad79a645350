# SPDX-License-Identifier: MIT
#
# Completion of the basin command for bash. The commands come from here; the
# options of each come from its own --help, so that they cannot drift apart.

_basin_options()
{
    "$1" "${@:2}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u
}

_basin()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local basin=${COMP_WORDS[0]} command=${COMP_WORDS[1]} words=''
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        words='demo list gradcheck --help --version'
    elif [ "$before" = --out ]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
    elif [ "$before" = --backend ]; then
        words='portable sse2 avx2 avx512 neon'
    elif [[ $word == -* ]]; then
        words=$(_basin_options "$basin" "$command")
    elif [ "$command" = demo ] && [ "$COMP_CWORD" -eq 2 ]; then
        words='regression collapse margin nll all'
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}

complete -F _basin basin
