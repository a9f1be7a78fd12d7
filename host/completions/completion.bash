# Completions of flashhost for bash. They are made from the program's own tables: host/completions of its sources.

# What the program lists: the values of a key in rows that have the pattern, one a line.
_flashhost_rows() {
  "$1" --json list "$2" 2>/dev/null | sed -n "/$4/s/.*\"$3\":\"\([^\"]\+\)\".*/\1/p"
}

# What can stand where such a value is wanted, one a line.
_flashhost_value() {
  local program=$1
  case $2 in
    words) printf '%s\n' "${@:3}" ;;
    chips) _flashhost_rows "$program" chips name . ;;
    plugins) _flashhost_rows "$program" plugins id "\"kind\":\"$3\"" ;;
    probes)
      _flashhost_rows "$program" probes serial .
      _flashhost_rows "$program" probes usb . | sed 's/^/usb:/'
      ;;
  esac
}

_flashhost() {
  local program=$1 words=() piece before= i
  # Bash splits words at "=" and ":", the program does not.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    piece=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && ($piece == [=:]* || $before == [=:]) ]]; then
      words[-1]+=$piece
    else
      words+=("$piece")
    fi
    before=$piece
  done
  local cur=${words[-1]} option= plain=() word
  unset 'words[-1]'
  for word in "${words[@]}"; do
    if [[ $option ]]; then
      option=
      continue
    fi
    case $word in
      @valued@) option=$word ;;
      -*) ;;
      *) plain+=("$word") ;;
    esac
  done
  if [[ ! $option && $cur == --*=* ]]; then
    option=${cur%%=*}
    cur=${cur#*=}
  fi

  local value=(nothing) files=
  if [[ $option ]]; then
    case $option in
@values@
    esac
  elif [[ $cur == -* ]]; then
    value=(words @options@)
  elif [[ ${#plain[@]} == 0 ]]; then
    value=(words @verbs@)
    files=-f
  else
    case ${plain[0]}-${#plain[@]} in
@subjects@
      @without_files@) ;;
      *) value=(files) ;;
    esac
  fi

  # Not compgen -W, which would execute $(...) in the serial number of a probe.
  COMPREPLY=()
  while IFS= read -r word; do
    if [[ ${word^^} == "${cur^^}"* ]]; then COMPREPLY+=("$word"); fi
  done < <(_flashhost_value "$program" "${value[@]}")
  case ${value[0]} in
    files) files=-f ;;
    folders) files=-d ;;
  esac
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    local name=${cur//\\/}
    name=${name#[\"\']}
    while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen "$files" -- "$name")
  elif [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
    # Only what follows the colon is replaced.
    local head=${cur%"${cur##*:}"}
    COMPREPLY=("${COMPREPLY[@]#"$head"}")
  fi
}

complete -F _flashhost flashhost
