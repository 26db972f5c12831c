#!/bin/bash
# switch.sh FOLDER watched|kept: first process of a lab. Its network namespace is the switch between the hosts.
# Watched, it ends when its standard input does, which is when the process that opened the lab ends.
folder=$1
mount -t sysfs sysfs /sys
ip link set lo up
ip link add sw address 02:00:00:77:00:fe type bridge
ip link set sw up
ip addr add 10.77.255.254/16 dev sw
if [ "$2" = kept ]; then
  mkfifo "$folder/hold"
  exec 0<>"$folder/hold"
fi
echo up >"$folder/ready"
while read -r _; do :; done
