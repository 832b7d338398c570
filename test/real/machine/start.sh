#!/bin/sh
# One machine of the rig, run in namespaces of its own: a root, processes, a name, a network, and a real sshd on it.
# FOLDER: its folder. LAYERS: the layers of its root, the upper first. KEYS: the public keys that it lets in.
# PYTHONS: folders of Python that are shown at their own paths. SHARED: the folder that is shown as /opt/rig.
# GATEWAY: the address of the host on its network.
set -eu
root=$FOLDER/root
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$LAYERS,upperdir=$FOLDER/upper,workdir=$FOLDER/work" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
for device in null zero full random urandom tty; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root/opt/rig" "$root/run/sshd"
mount --bind "$SHARED" "$root/opt/rig"
for python in $PYTHONS; do
  mkdir -p "$root$python"
  mount --bind "$python" "$root$python"
  mount -o remount,bind,ro "$root$python"
  above=$(dirname "$python")
  while [ "$above" != / ]; do
    chmod a+rx "$root$above"
    above=$(dirname "$above")
  done
  for program in "$python"/bin/python3.1?; do ln -sf "$program" "$root/usr/local/bin/"; done
done
# The authorities that this host trusts, which may have more than Debian's.
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
printf '127.0.0.1 localhost gpu-node\n%s gateway\n' "$GATEWAY" > "$root/etc/hosts"
# Machines compile the same modules at the same paths: the first one does it for all. Ray runs its workers at the lowest
# priority, which leaves nothing to them where the host is busy.
printf 'PYTHONPYCACHEPREFIX=/opt/rig/bytecode\nRAY_worker_niceness=0\n' > "$root/etc/environment"
home=$root/home/ubuntu
mkdir -p "$home/.ssh" "$home/.local/bin"
cp "$KEYS" "$home/.ssh/authorized_keys"
cp "$SHARED/uv-wrapper" "$home/.local/bin/uv"
cp "$SHARED/nvidia-smi" "$root/usr/local/bin/nvidia-smi"
chmod 755 "$home/.local/bin/uv" "$root/usr/local/bin/nvidia-smi"
chmod 600 "$home/.ssh/authorized_keys"
chown -R 1000:1000 "$home/.ssh" "$home/.local"
hostname gpu-node
ip link set lo up
ulimit -n 1048576 || true
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot "$root" /usr/sbin/sshd -D -e
