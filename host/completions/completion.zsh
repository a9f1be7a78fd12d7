#compdef flashhost
# Completions of flashhost for zsh. They are made from the program's own tables: host/completions of its sources.

# What the program lists: the values of a key in rows that have the pattern, with a prefix.
_flashhost_rows() {
  local -a found
  found=(${(f)"$($flashhost_program --json list $1 2>/dev/null | sed -n '/'$3'/s/.*"'$2'":"\([^"]\+\)".*/\1/p')"})
  found=("$4"$^found)
  compadd -M 'm:{a-zA-Z}={A-Za-z}' -a found
}

# What can stand where such a value is wanted.
_flashhost_value() {
  case $1 in
    words) compadd -- ${@:2} ;;
    files) _files ;;
    folders) _files -/ ;;
    chips) _flashhost_rows chips name . ;;
    plugins) _flashhost_rows plugins id '"kind":"'$2'"' ;;
    probes)
      _flashhost_rows probes serial .
      _flashhost_rows probes usb . usb:
      ;;
  esac
}

_flashhost() {
  local flashhost_program=${(Q)words[1]} context state state_descr line
  local -A opt_args
  local -a options
  options=(
@options@
  )
  _arguments -s -S : $options '*:word:->word' && return
  [[ $state == word ]] || return 1
  # $line: the words that are neither options nor their values, with the one at the cursor.
  if (( $#line <= 1 )); then
    compadd @verbs@
    _files
    return
  fi
  case $line[1]-$(($#line - 1)) in
@subjects@
    @without_files@) ;;
    *) _files ;;
  esac
}

_flashhost "$@"
