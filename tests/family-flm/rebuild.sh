#!/bin/bash
# rebuild.sh WORK_DIR TEST_PROGRAM...: the committed algorithms and their pack are what their sources give; with another compiler
# than the recorded one, what it makes of them must pass the same tests.
set -euo pipefail
work_dir=$1
shift

code=0
"$(dirname "$0")/make-algorithms" --check "$work_dir" || code=$?
if ((code == 3)); then
  for test_program in "$@"; do FLASHHOST_FLM_FOLDER=$work_dir "$test_program" --gtest_filter='*Algorithms*'; done
else
  exit "$code"
fi
