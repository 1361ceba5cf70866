#!/bin/sh
# nfs.sh VERSION - the kernel's NFS server exports a folder to its own client. No
# daemon is asked who may mount what: the answers are in the server's caches.
set -eu
# the server keeps a list of its clients, and need not wait for those of before,
# in the first network namespace alone
[ "${2:-}" ] || exec nsenter --net=/proc/1/ns/net dash -eux "$0" "$1" there
ip link set lo up
mkdir export control at clients
mount -t nfsd nfsd control
echo '-2 -3 +4 +4.1 +4.2' >control/versions
echo "$PWD/clients" >control/nfsv4recoverydir
for_ever=2147483647
# insecure port, asynchronous, no subtree check, with a number: 0, the root
flags=$((0x2 | 0x10 | 0x400 | 0x2000))
echo 1 >control/threads
echo Y >control/v4_end_grace
echo "nfsd 127.0.0.1 $for_ever us" >/proc/net/rpc/auth.unix.ip/channel
echo "us $PWD/export $for_ever $flags 65534 65534 0" >/proc/net/rpc/nfsd.export/channel
printf 'us 1 %s %s %s\n' '\x00000000' $for_ever "$PWD/export" >/proc/net/rpc/nfsd.fh/channel
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
