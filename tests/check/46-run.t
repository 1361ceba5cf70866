#!/bin/sh
# make run with the kernel that 40-kernel.t built and a distribution of one program, busybox of
# this machine: what it starts from, its disk, network and folder, and what becomes of changes.
# docs/run.md says how a real distribution was booted.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/lines.sh"
PATH=$PATH:/usr/sbin:/sbin
pick_line
plan 10
tree=$work/root share=$work/share
mkdir -p "$tree/bin" "$tree/sbin" "$tree/proc" "$tree/mnt" "$share"
cp -L "$(command -v busybox)" "$tree/bin/busybox"
ln -s busybox "$tree/bin/sh"
{ ldd "$tree/bin/busybox" || :; } | grep -o '/[^ ]*' | while read -r library; do
	mkdir -p "$tree${library%/*}"
	cp -L "$library" "$tree$library"
done
cat >"$tree/sbin/init" <<'END'
#!/bin/sh
busybox mount -t proc proc /proc
echo "root: $(busybox grep -o '/dev/root / ext4 rw' /proc/mounts)"
echo "before: $(busybox cat /kept)"
echo changed >/kept
if busybox mount -t 9p -o trans=virtio share /mnt; then
	echo "share: $(busybox cat /mnt/hello)"
	echo answer >/mnt/answer
fi
busybox ip link set eth0 up
busybox ip address add 10.0.2.15/24 dev eth0
busybox ping -c 1 -W 20 10.0.2.2
busybox poweroff -f
END
chmod +x "$tree/sbin/init"
echo hello >"$share/hello"
echo unchanged >"$tree/kept"

# boots VARIABLE... - make run with these: its status, and its output in $work/out
boots() { for_line "$line" env "$@" make -C "$root" run </dev/null 2>&1 | tr -d '\r' >"$work/out"; }
has() { grep -q "$1" "$work/out"; }
boots ROOTFS="$tree" SHARE="$share"
ok "has '^run: the machine has ended'" "a folder is booted, and powers off"
ok "has '^root: /dev/root / ext4 rw'" "its root is an ext4 that can be written"
ok "has '^share: hello'" "the folder of the host is read"
is "$(cat "$share/answer" 2>/dev/null)" answer "and written"
ok "has ' 0% packet loss'" "the network has the host"
is "$(cat "$tree/kept")" unchanged "the root folder is as it was"

truncate -s 64M "$work/image"
mke2fs -q -t ext4 -d "$tree" "$work/image"
before=$(sha256sum <"$work/image")
boots ROOTFS="$work/image"
ok "has '^before: unchanged' && [ '$before' = '$(sha256sum <"$work/image")' ]" "an image is as it was"
boots ROOTFS="$work/image" KEEP=1
ok "has '^before: unchanged'" "and again with KEEP=1"
is "$(debugfs -R 'cat /kept' "$work/image" 2>/dev/null)" changed "then it has the changes"
debugfs -w -R 'rm /sbin/init' "$work/image" 2>/dev/null
debugfs -w -R 'rm /bin/sh' "$work/image" 2>/dev/null
boots ROOTFS="$work/image"
ok "has '^run: error: ROOTFS=.*: has no init that the kernel can run'" "without init an error says so"
