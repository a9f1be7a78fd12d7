# complete.zsh FILE LINE: what zsh offers at the end of the line. Its completion runs only in an interactive shell: here one
# at a pseudo terminal, in which the function that receives the candidates writes them down.
zmodload zsh/zpty
local found=$(mktemp) setup=$(mktemp) text
cat >$setup <<END
fpath=(${(q)1:h} \$fpath)
autoload -Uz compinit
compinit -u -D
compadd() {
  local -a __offered
  if [[ -z \${argv[(r)-[OAD]*]} ]]; then
    builtin compadd -A __offered "\$@"
    print -l -- \$__offered >>$found
  fi
  builtin compadd "\$@"
}
# Only now is the terminal the line editor's, and control characters are keys.
zle-line-init() { print rea''dy }
zle -N zle-line-init
END
zpty child zsh -f -i
zpty -w child "source $setup"
while [[ $text != *ready* ]]; do zpty -r child text || exit 1; done
zpty -w -n child "$2"$'\t'
# Whatever is on the line then is discarded.
zpty -w -n child $'\C-u'"exit"$'\n'
while zpty -r child text; do :; done
sort -u $found | sed '/^$/d'
rm -f $found $setup
