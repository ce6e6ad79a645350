# SPDX-License-Identifier: MIT
#
# Completion of the basin command for bash. The commands come from here; the
# options of each come from its own --help, so that they cannot drift apart.

_basin_options()
{
    "$1" "${@:2}" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]*' | sort -u
}

# What the arguments of a command may be; files come by themselves.
_basin_arguments()
{
    case $1:$2 in
    demo:2) echo 'regression collapse margin nll all' ;;
    check-loss:2) "$3" list loss 2>/dev/null | grep -oE '^  [a-z][a-z0-9-]*' ;;
    list:2) echo 'module energy cost inference loss optimiser' ;;
    chain:2) echo 'train tag evaluate plot dump convert' ;;
    esac
}

_basin()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local basin=${COMP_WORDS[0]} command=${COMP_WORDS[1]} words='' files=()
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        words='train predict evaluate infer sample plot lab export chain demo inspect list
            gradcheck check-loss --help --version'
    elif [ "$before" = --out ]; then
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
    elif [[ $before = --plugin || $before = --data || $before = --model || $before = --test ||
        $before = --history ]]; then
        files=(-f)
    elif [ "$before" = --backend ]; then
        words='portable sse2 avx2 avx512 neon'
    elif [ "$before" = --losses ]; then
        words="all $("$basin" list loss 2>/dev/null |
            grep -oE '^  [a-z][a-z0-9-]*')"
    elif [ "$before" = --domain ]; then
        words='any nonnegative'
    elif [[ $word == -* ]] && [ "$command" = chain ]; then
        words=$(_basin_options "$basin" chain "${COMP_WORDS[2]}")
    elif [[ $word == -* ]]; then
        words=$(_basin_options "$basin" "$command")
    else
        words=$(_basin_arguments "$command" "$COMP_CWORD" "$basin")
        case $command in
        train | predict | evaluate | infer | sample | plot | lab | export | inspect | gradcheck | \
            chain)
            files=(-f) ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen "${files[@]}" -W "$words" -- "$word")
}

complete -F _basin basin
