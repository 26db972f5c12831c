#!/bin/bash
# root.sh SOURCES WORK INIT PACKAGE…: makes in WORK what nested hosts start from: disk.img, vmlinuz, initrd; and leaves `root`,
# the unpacked system, for whoever wants more of it.
set -e
sources=$1 work=$2 init=$3
shift 3
cd "$work"
packages=$(IFS=,; echo "$*")
TMPDIR=$work mmdebstrap --quiet --variant=minbase --include="$packages" --aptopt='APT::Install-Recommends "false"' \
  "$(sed -n 's/^Suites: *//p' "$sources")" root "$sources"

# Unpacked modules load faster on an emulated processor.
release=$(ls root/lib/modules)
modules=root/lib/modules/$release
find "$modules" -name '*.ko.xz' -print0 | xargs -0 -r -P 2 -n 64 xz -d
chroot root depmod "$release"
cp "root/boot/vmlinuz-$release" vmlinuz

# The standard kernel: the one for clouds has no igb.
mkdir -p initrd.d/{bin,modules,dev,proc,sys,new,lab}
cp /bin/busybox initrd.d/bin/
cp "$init" initrd.d/init
chmod +x initrd.d/init
for module in virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_blk crc16 mbcache jbd2 crc32c_generic libcrc32c ext4; do
  file=$(find "$modules" -name "$module.ko" | head -n 1)
  # What is not there is part of the kernel.
  [ -n "$file" ] || continue
  cp "$file" initrd.d/modules/
  echo "$module.ko" >>initrd.d/modules/order
done
(cd initrd.d && find . | cpio --create --format=newc --quiet | gzip -1) >initrd
rm -rf initrd.d
