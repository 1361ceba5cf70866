#!/bin/sh
# check-tap.sh STEP CONSOLE END QEMU-LOG - did the guest meet its own plan?
# STEP: the name in the errors. CONSOLE: the text of the serial console. END: the exit
# status of QEMU, or "hung" when it was killed at the time limit. Prints the guest's TAP.
# Exit 0 when every row of the plan came and is ok (or a skip with a reason), the kernel
# reported no fault and the guest powered off; otherwise 1 with the reason and the last
# 20 lines of the console.
. "$(dirname "$0")/../../scripts/lib.sh"
[ $# = 4 ] || usage "check-tap.sh STEP CONSOLE END QEMU-LOG"
step=$1
shift
console=${1#"$root/"}
text=$(mktemp)
trap 'rm -f "$text"' EXIT
tr -d '\r\0' <"$1" >"$text"
grep -aE '^(TAP version|1\.\.|ok |not ok |# |Bail out!)' "$text" || :

# fail WHAT - the reason, and the last lines of the console
fail() {
	printf '%s: error: linux %s: %s\n  the last 20 lines of %s:\n' "$step" "$LTS" "$1" "$console" >&2
	tail -n 20 "$text" | sed 's/^/  | /' >&2
	exit 1
}
# the start of a line, on the console or in the guest's report of the log
start='^(# )?(<[0-9]+>)?(\[[^]]*\] *)*'
# faults anywhere in a line, and those that count only at its start
fatal='Kernel panic - not syncing.*|kernel BUG at .*|BUG: .*|Oops: .*|UBSAN: .*'
fatal="$fatal|general protection fault.*"
report='WARNING: |BUG |kmemleak: [0-9]+ new'
report="$report|INFO: (suspicious|trying to register|possible|task .* blocked for)"
fault=$(grep -aoE "$fatal" "$text" | head -n 1)
[ "$fault" ] || fault=$(grep -aE "$start($report)" "$text" | head -n 1)
[ -z "$fault" ] || fail "the kernel reported: $fault"
gave_up=$(grep -a '^Bail out!' "$text" | head -n 1) || :
[ -z "$gave_up" ] || fail "the guest gave up: $gave_up"
plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$text" | head -n 1)
seen=$(grep -acE '^(not )?ok [0-9]+' "$text") || :
bad=$(grep -acE '^not ok [0-9]+' "$text") || :
case $2 in
hung) fail "the guest hung: no power-off before the time limit, $seen of ${plan:-?} rows came" ;;
0) ;;
*) fail "QEMU ended with status $2: $(tail -n 1 "$3")" ;;
esac
[ "$plan" ] || fail "the guest powered off without a plan line (1..N)"
[ "$plan" -gt 0 ] || fail "the guest's plan is empty"
[ "$seen" = "$plan" ] || fail "the guest powered off early: $seen of $plan rows came"
numbers=$(grep -aoE '^(not )?ok [0-9]+' "$text" | awk '{ print $NF }' | sort -n)
[ "$numbers" = "$(seq "$plan")" ] ||
	fail "the rows of the guest are not numbered 1 to $plan"
silent=$(grep -aiE '^ok .*# SKIP *$' "$text" | head -n 1) || :
[ -z "$silent" ] || fail "a row is skipped without a reason: $silent"
[ "$bad" = 0 ] ||
	fail "$bad of $plan rows are not ok: $(grep -aE '^not ok' "$text" | head -n 3 | tr '\n' ';')"
