# Completions of flashhost for fish. They are made from the program's own tables: host/completions of its sources.

# What the program lists: the values of this key in rows that have the pattern.
function __flashhost_rows
    set -l program (commandline -opc)[1]
    $program --json list $argv[1] 2>/dev/null | string match -er -- $argv[3] |
        string replace -rf '.*"'$argv[2]'":"([^"]+)".*' '$1'
end

# What can stand where such a value is wanted.
function __flashhost_value
    switch $argv[1]
        case words
            printf '%s\n' $argv[2..]
        case folders
            __fish_complete_directories
        case chips
            __flashhost_rows chips name .
        case plugins
            __flashhost_rows plugins id '"kind":"'$argv[2]'"'
        case probes
            __flashhost_rows probes serial .
            __flashhost_rows probes usb . | string replace -r ^ usb:
    end
end

# Verb and number of the words so far that are neither options nor their values, as in "list-1"; "-0" before a verb.
function __flashhost_at
    set -l plain
    set -l value no
    for word in (commandline -opc)[2..]
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case @valued@
                set value yes
            case '-*'
            case '*'
                set -a plain $word
        end
    end
    string match -qr -- $argv[1] "$plain[1]-"(count $plain)
end

complete -c flashhost -f
complete -c flashhost -F -n 'not __flashhost_at "^(@without_files@)-"'
complete -c flashhost -n '__flashhost_at "^-0\$"' -a '@verbs@'
@subjects@
@options@
