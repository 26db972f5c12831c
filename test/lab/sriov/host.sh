#!/bin/bash
# First process of a nested host, instead of a service manager: devices, network, ssh, libvirtd; then it reaps what others leave behind.
# Each line that begins with LAB on the serial console tells how far it is.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
tell() { echo "LAB $(cut -d' ' -f1 /proc/uptime) $*" >/dev/console; }
. /run/lab/settings # name, number, address, vfs

mount -t tmpfs tmp /tmp
mount -t cgroup2 cgroup /sys/fs/cgroup
mkdir -p /dev/pts /dev/shm /run/sshd /run/lock /run/libvirt /var/log/libvirt/qemu /root/.ssh
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs shm /dev/shm
# bash wants it for <( ), and libvirt's helpers for what they inherit.
ln -sfn /proc/self/fd /dev/fd
hostname "$name"
cp /run/lab/hosts /etc/hosts
cp /run/lab/authorized_keys /root/.ssh/authorized_keys
chmod 700 /root/.ssh
chmod 600 /root/.ssh/authorized_keys /run/lab/host_key
cp /run/lab/libvirtd.conf /run/lab/qemu.conf /etc/libvirt/
rm -f /etc/libvirt/qemu/networks/autostart/*

/usr/lib/systemd/systemd-udevd --daemon
udevadm trigger --type=subsystems --action=add
udevadm trigger --type=devices --action=add --subsystem-match=pci --subsystem-match=net --subsystem-match=misc --subsystem-match=virtio
udevadm settle -t 120
modprobe -a virtio_net igb vfio-pci tun bridge kvm_amd
tell devices

# driver DRIVER: the interface that this driver serves.
driver() {
  for device in /sys/class/net/*; do
    [ "$(basename "$(readlink "$device/device/driver")")" = "$1" ] && basename "$device"
  done | head -n 1
}
ip link set lo up
management=$(driver virtio_net)
ip link set "$management" up
ip addr add "$address/24" dev "$management"
/usr/sbin/sshd -h /run/lab/host_key -o PermitRootLogin=yes -o StrictModes=no -o UsePAM=no -o UseDNS=no

# The port of the NIC carries the bridge of the paravirtual cards besides its functions. Its MAC address is fixed: the bridge
# would take that of a guest's tap, which the next host has as well.
port=$(driver igb)
ip link set "$port" up
echo "$vfs" >"/sys/class/net/$port/device/sriov_numvfs"
ip link add br0 address "02:00:00:77:03:0$number" type bridge stp_state 0 forward_delay 0
ip link set "$port" master br0
ip link set br0 up
udevadm settle -t 120
tell network "$management" "$port"

setsid libvirtd --listen </dev/null >/var/log/libvirt/output.log 2>&1 &
for _ in $(seq 1200); do
  virsh --quiet uri >/dev/null 2>&1 && break
  sleep 0.5
done
tell ready
while :; do
  sleep 86400 &
  wait $!
done
