# complete.fish FILE LINE: what fish offers at the end of the line.
source $argv[1]
complete -C $argv[2] | string split -f1 \t
true # string's status only says whether there was anything
