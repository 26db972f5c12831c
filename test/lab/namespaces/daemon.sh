#!/bin/bash
# Starts libvirtd inside a host and returns when it answers.
rm -f /run/libvirt/libvirtd.pid /run/libvirt/libvirt-sock
setsid libvirtd --listen --pid-file /run/libvirt/libvirtd.pid </dev/null >>/var/log/libvirt/output.log 2>&1 &
for _ in $(seq 600); do
  [ -S /run/libvirt/libvirt-sock ] && virsh --quiet uri >/dev/null 2>&1 && exit 0
  kill -0 $! 2>/dev/null || break
  sleep 0.05
done
cat /var/log/libvirt/output.log /var/log/libvirt/libvirtd.log >&2
exit 1
