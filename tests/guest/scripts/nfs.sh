#!/bin/sh
# nfs.sh VERSION - the kernel's NFS server exports a directory to the local client. There is
# no mountd: the script writes its responses to the server's caches.
set -eu
# only in the initial network namespace does the server record its clients and can skip the
# grace period for earlier ones
[ "${2:-}" ] || exec nsenter --net=/proc/1/ns/net dash -eux "$0" "$1" there
ip link set lo up
mkdir export control at clients
mount -t nfsd nfsd control
echo '-2 -3 +4 +4.1 +4.2' >control/versions
echo "$PWD/clients" >control/nfsv4recoverydir
forever=2147483647
# insecure port, asynchronous, no subtree check, with a number: 0, the root
flags=$((0x2 | 0x10 | 0x400 | 0x2000))
echo 1 >control/threads
echo Y >control/v4_end_grace
echo "nfsd 127.0.0.1 $forever us" >/proc/net/rpc/auth.unix.ip/channel
echo "us $PWD/export $forever $flags 65534 65534 0" >/proc/net/rpc/nfsd.export/channel
printf 'us 1 %s %s %s\n' '\x00000000' $forever "$PWD/export" >/proc/net/rpc/nfsd.fh/channel
share() { mount -t nfs4 -o "vers=$1,addr=127.0.0.1,clientaddr=127.0.0.1,sec=sys" 127.0.0.1:/ at; }
share "$1"
cp /usr/bin/dash at/file
umount at
cmp /usr/bin/dash export/file
share "$1"
cmp /usr/bin/dash at/file
umount at
echo 0 >control/threads
umount control
