# complete.bash FILE LINE: what bash would offer at the end of the line.
source "$1"
# Split as readline does: at blanks, and around "=" and ":".
read -ra COMP_WORDS <<<"$(sed 's/[=:]\+/ & /g' <<<"$2")"
if [[ $2 == *' ' ]]; then COMP_WORDS+=(''); fi
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
_flashhost "${COMP_WORDS[0]}" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}"
printf '%s\n' "${COMPREPLY[@]}"
