#!/bin/bash
# guard.sh FOLDER watched|kept: holds one lab, and removes its folder when the lab has ended, however it ended.
# Every process, interface and mount of the lab lives below one process-id namespace: when that namespace's first process
# ends (told to, killed, or because the test that opened the lab is gone), the kernel ends all of them.
folder=$1
exec 9>"$folder/lock"
flock 9
unshare --net --mount --pid --ipc --uts --fork --kill-child --mount-proc --propagation private \
  bash "$(dirname "$0")/switch.sh" "$@"
rm -rf "$folder"
