#!/bin/sh
# The boot contract in config/: on each line it has what WSL's host and init cannot do
# without, as y, and no other file of config/ asks for less. (That it resolves, and that no
# WITHOUT= takes it away, is tested on real trees in tests/check/30-config.t.)
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
known=$(git config -f "$top/upstream.lock" --name-only --get-regexp '^line\..*\.version$' | sed 's/^line\.//; s/\.version$//')
# shellcheck disable=SC2086 # a list
set -- $known
plan $((3 * $# + 3))

# contract FILE... - the requests between its marks
contract() { sed -n '/^# ==== boot contract: begin/,/^# ==== boot contract: end/p' "$@" | grep -E '^(# )?CONFIG_'; }
# missing SYMBOL... - those that $work/contract does not request as y
missing() { for symbol; do grep -qx "CONFIG_$symbol=y" "$work/contract" || printf '%s ' "$symbol"; done; }

for line; do
	contract "$top/config/wsl2_defconfig" "$top/config/lines/$line.config" >"$work/contract"
	is "$(grep -v '=y$' "$work/contract")" "" "$line: all of it is built in"
	newer='NET_9P_FD PAGE_REPORTING VIRTIO_FS FUSE_DAX'
	[ "$line" != 4.19 ] || newer=
	# shellcheck disable=SC2086 # a list
	is "$(missing $newer PCI_HYPERV INOTIFY_USER PRINTK INET INET_DIAG INET_TCP_DIAG PTP_1588_CLOCK HYPERV_UTILS \
		HYPERV_BALLOON PROC_CHILDREN PROC_EVENTS BLK_DEV_INITRD RD_GZIP SWAP FAIR_GROUP_SCHED CFS_BANDWIDTH \
		SECCOMP_FILTER NF_TABLES NFT_NAT NFT_MASQ NFT_CT FUSE_FS)" "" "$line: it has what WSL asks for"
	# a request for m would win over it with MODULES=none as well
	is "$(sed 's/=y$//' "$work/contract" | while read -r symbol; do
		(cd "$top/config" && grep -lE "^($symbol=[^y]|# $symbol is not set)" wsl2_defconfig builtin.config features/*.config \
			optional/*.config "lines/$line.config" gpu.config debug*.config | sed "s/^/$symbol in /") || :
	done)" "" "$line: no file asks for less"
done
is "$(contract "$top"/config/features/*.config "$top"/config/optional/*.config)" "" "a feature has no part of it, WITHOUT= would leave that out"
# ---- what must be off: no file of config/ requests it as y, and its lines and reason are there
is "$(grep -v -e '^#' -e '^$' "$top/config/conflicts.list" | while read -r symbol for reason; do
	[ "$reason" ] || echo "$symbol has no reason"
	for line in $(echo "$for" | tr , ' ' | tr -d '*'); do
		printf '%s\n' "$known" | grep -qxF "$line" || echo "$symbol: there is no line $line"
	done
	(cd "$top/config" && grep -rlx "CONFIG_$symbol=y" --include='*config' .) || :
done)" "" "what must be off is requested by no file"
# AF_VSOCK's transport, SCSI host 0, the command line and the helpers that WSL relies on
is "$(for symbol in VIRTIO_VSOCKETS SCSI_DEBUG PATA_LEGACY CMDLINE_OVERRIDE STATIC_USERMODEHELPER HYPERV_VTL_MODE; do
	grep -q "^$symbol  *\\* " "$top/config/conflicts.list" || echo $symbol
done)" "" "what takes one of WSL's devices away on any line is in config/conflicts.list"
