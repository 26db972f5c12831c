#!/bin/bash
# host.sh LAB NAME: first process of a host: own mounts, own name. It stays to reap what libvirt leaves behind.
set -e
lab=$1 folder=$1/$2
hostname "$2"
mount -t sysfs sysfs /sys
mount -t tmpfs run /run
mkdir -p /run/libvirt /run/lock
mount --bind "$folder/run" /run/libvirt
mount --bind "$folder/etc" /etc/libvirt
mount --bind "$folder/var" /var/lib/libvirt
mount --bind "$folder/cache" /var/cache/libvirt
mount --bind "$folder/log" /var/log/libvirt
mount --bind "$folder/local" "$lab/local"
mount --bind "$lab/hosts" /etc/hosts
echo up >"$folder/ready"
while :; do
  sleep 86400 &
  wait $!
done
