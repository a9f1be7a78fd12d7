# Functions that build code for the target, for loaders/build (the loaders of this tree) and loaders/add-loader (all others),
# which source this file. They set `prefix` (of the names of compiler and binutils) and `include` (folder of the SDK's headers).
loaders=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

flags=(-std=gnu99 -mthumb -Os -ffreestanding -nostdlib -ffixed-r9 -ffixed-r10 -fomit-frame-pointer
  -fno-common -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables
  # these make the code smaller
  -fno-tree-dominator-opts -fno-ivopts -fno-tree-forwprop -fno-move-loop-invariants
  -fno-guess-branch-probability -frename-registers -fno-thread-jumps -fno-tree-coalesce-vars
  # so that no loop becomes a call of memset, and no switch a table
  -fno-tree-loop-distribute-patterns -fno-tree-switch-conversion
  -Wall -Wextra -Wconversion -Wshadow "-I$loaders/agent"
  # after the compiler's own headers: it may be /usr/include, which has those of another C library
  -idirafter "$include")

# fail TEXT...: prints a wrapped error message on standard error.
fail() {
  printf '%s\n' "$*" | fold -s -w 110 >&2
  return 1
}

# refuse_data NAME OBJECT...: fails if there are variables that outlive a call.
refuse_data() {
  local name=$1 variables
  shift
  variables=$("${prefix}nm" "$@" | awk '$2 ~ /^[dDbBC]$/ { printf "%s%s", sep, $3; sep = ", " }')
  [[ -z $variables ]] || fail "$name: error: a loader has no memory of its own, but its sources have variables that" \
    "outlive a call: $variables. Make them local to a function, or keep the state in a register of the chip. What never" \
    "changes can be an enum or a #define."
}

# link NAME BASE ELF OPTION|OBJECT...
link() {
  local name=$1 base=$2 elf=$3
  shift 3
  "${prefix}gcc" "${flags[@]}" -Wl,-T,"$loaders/loader.ld" -Wl,--defsym=BASE="$base" -Wl,-e,0 \
    -Wl,--build-id=none -o "$elf" "$@" -lgcc || fail "$name: error: it does not link. There is no C library on the" \
    "target: what is undefined above has to be written out, also what the compiler calls for copies of whole structures" \
    "(memcpy) and the like."
}

# blob NAME OUTPUT OPTION|SOURCE...: makes OUTPUT.elf and OUTPUT.bin, position-independent code, or fails and names what makes
# it depend on its address. OUTPUT.d: the dependencies of `target` (default OUTPUT) in make's format.
blob() {
  local name=$1 output=$2 word source object
  local options=() objects=()
  shift 2
  for word in "$@"; do [[ $word != -* ]] || options+=("$word"); done
  : > "$output.d"
  for source in "$@"; do
    [[ $source != -* ]] || continue
    object=$output-${#objects[@]}.o
    "${prefix}gcc" "${flags[@]}" "${options[@]}" -c -MD -MF "$object.d" -MQ "${target:-$output}" -o "$object" "$source" || return 1
    cat "$object.d" >> "$output.d"
    objects+=("$object")
  done
  refuse_data "$name" "${objects[@]}" || return 1
  link "$name" 0x20000000 "$output.elf" "${options[@]}" "${objects[@]}" || return 1
  link "$name" 0x10001238 "$output-elsewhere.elf" "${options[@]}" "${objects[@]}" || return 1
  "${prefix}objcopy" -O binary "$output.elf" "$output.bin" || return 1
  "${prefix}objcopy" -O binary "$output-elsewhere.elf" "$output-elsewhere.bin" || return 1
  cmp -s "$output.bin" "$output-elsewhere.bin" && return
  local addresses
  addresses=$("${prefix}readelf" -rW "${objects[@]}" |
    awk '$3 == "R_ARM_ABS32" { sub(/^\.rodata\./, "", $5); if (!seen[$5]++) { printf "%s%s", sep, $5; sep = ", " } }')
  fail "$name: error: the code works at one address only, but a loader must work at any address in the chip's RAM. It holds" \
    "the addresses of: $addresses. The likeliest cause is a table: of constants, of texts (.rodata) or of functions" \
    "(.text). Write it as a switch or as ifs that compute the value, and call functions by their names."
}

# compiler_version: as it is recorded in what is generated.
compiler_version() {
  "${prefix}gcc" --version | head -n 1 | sed 's/^[^ ]* //'
}

# blob_size FILE.inc: of the code in a generated header, in bytes.
blob_size() {
  grep -o '0x[0-9a-f][0-9a-f],' "$1" | wc -l
}

# code_array FILE.bin
code_array() {
  echo "inline constexpr std::uint8_t code[] = {"
  od -An -v -tx1 -w16 "$1" | sed 's/ \(..\)/ 0x\1,/g; s/^ /    /'
  echo "};"
}

# offsets ELF PATTERN: "offset symbol" of the global symbols whose names match, in the order of the code. The ELF is linked at
# 0x20000000.
offsets() {
  local address symbol
  "${prefix}nm" "$1" | LC_ALL=C sort | awk -v pattern="$2" '$2 == "T" && $3 ~ pattern { print $1, $3 }' |
    while read -r address symbol; do printf '%03x %s\n' $((16#$address - 16#20000000)) "$symbol"; done
}

# offset_constant NAME OFFSET
offset_constant() {
  echo "inline constexpr std::uint32_t $1 = 0x$2;"
}
