#!/bin/bash
# rebuild.sh SOURCE_DIR WORK_DIR TEST_PROGRAM: the committed blobs and firmwares are what their sources give; with
# another compiler than the recorded one, what it makes of them must pass the same tests.
set -euo pipefail
source_dir=$1
work_dir=$2
test_program=$3

check() {
  local code=0
  "$@" || code=$?
  ((code == 0 || code == 3)) || exit "$code"
  return "$code"
}

check "$source_dir/examples/firmware/build" --check "$work_dir/firmware" || true
if ! check "$source_dir/loaders/build" --check "$work_dir/loaders"; then
  FLASHHOST_AGENT_BLOB=$work_dir/loaders/agent.bin FLASHHOST_F1_BLOB=$work_dir/loaders/f1.bin \
    FLASHHOST_F4_BLOB=$work_dir/loaders/f4.bin FLASHHOST_UNPACK_BLOB=$work_dir/loaders/unpack.bin "$test_program"
fi
