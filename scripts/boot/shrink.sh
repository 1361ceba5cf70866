#!/bin/sh
# SEED=N LTS=x.y shrink.sh ROW - ROW of the hostile host (messages, answers, packets, pci,
# virtio, mutants or streams) is red with this seed: boot again with fewer messages, and print the shortest
# list of them with which it is red, with what they were. Other variables are those of smoke-hyperv.sh, and should
# be as they were then. A pair of messages takes some 20 boots (tools/shrink-list.c).
#   TRIES=N   boot up to N times before a list counts as green (1): for a row that is not red
#             each time
# On ctrl-C it prints the shortest list so far. Leaves build/<line>/log/shrink.log (all runs) and
# shrink-host.log (hvhost's, of the shortest list). Exit 0 when a list was found, 1 otherwise.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/boot/hostile-rows.sh"
log=$build_dir/log rows=$build_dir/log/hyperv-rows.log

# once ROW LIST - one boot: 0 the row is red, 1 it is green, 2 there is no result
once() {
	rm -f "$rows"
	HOSTILE=$1:$2 "$root/scripts/boot/smoke-hyperv.sh" >>"$log/shrink.log" 2>&1 || :
	row=$(hostile_row "$1")
	[ -f "$rows" ] || return 2
	if grep -q "^ok [0-9]* - hostile host: $row" "$rows"; then return 1; fi
	# a row that did not come is red if the guest had come so far
	grep -q '^ok [0-9]* - vmbus: every offer has a driver' "$rows" || return 2
	cp "$log/hyperv-host.log" "$log/shrink-host.log"
}

if [ "${1:-}" = --once ]; then
	once "$2" "$3"
	exit
fi
if [ $# != 1 ] || ! hostile_row "$1" >/dev/null || [ ! "${SEED:-}" ]; then
	usage "SEED=N LTS=x.y shrink.sh messages|answers|packets|pci|virtio|mutants|streams"
fi
export SEED LTS
mkdir -p "$log"
rm -f "$log/shrink.log" "$log/shrink-host.log"
program=$(tool shrink-list)
# the program has it as well, and prints what it has
trap : INT TERM
status=0
list=$("$program" "${TRIES:-1}" "$(hostile_numbers "$1")" "$0" --once "$1") || status=$?
[ "$list" ] || die "$1" "no list of messages was found (above)" \
	"seed $SEED; all runs: ${log#"$root/"}/shrink.log" \
	"a row that is not red each time: TRIES=3"
say "$1 with seed $SEED is red with: $list"
tr -d '\r' <"$log/shrink-host.log" | sed -n "s/^hvhost: hostile \($1:\)/  \1/p"
say "one boot with these: SEED=$SEED HOSTILE=$1:$list LTS=$LTS scripts/boot/smoke-hyperv.sh"
exit "$status"
