#!/bin/bash
# disk.sh WORK: turns WORK/root into the file system WORK/disk.img and removes it. Its boot files have served.
set -e
cd "$1"
rm -rf root/boot/* root/usr/share/{doc,man,locale} root/var/cache/apt root/var/lib/apt root/dev
mkdir root/dev
mke2fs -q -t ext4 -O ^has_journal -d root disk.img 2500M
rm -rf root
