#!/bin/sh
# check-tap.sh STEP CONSOLE END QEMU-LOG - did the guest meet its own plan?
# STEP: whose errors these are. CONSOLE: the serial console's text; END: QEMU's exit status, or "hung" when it
# was killed at the time limit. Prints the guest's TAP. Exit 0 when every row of
# the plan came and is ok (or a skip with a reason), the kernel reported no fault and the guest
# powered off; otherwise 1 with the reason and the last 20 console lines.
. "$(dirname "$0")/../../scripts/lib.sh"
[ $# = 4 ] || usage "check-tap.sh STEP CONSOLE END QEMU-LOG"
step=$1
shift
console=${1#"$root/"}
text=$(mktemp)
trap 'rm -f "$text"' EXIT
tr -d '\r\0' <"$1" >"$text"
grep -aE '^(TAP version|1\.\.|ok |not ok |# |Bail out!)' "$text" || :

# fail WHAT - the reason, and where the guest was
fail() {
	printf '%s: error: linux %s: %s\n  the last 20 lines of %s:\n' "$step" "$LTS" "$1" "$console" >&2
	tail -n 20 "$text" | sed 's/^/  | /' >&2
	exit 1
}
# what begins a line for itself, on the console or in the guest's report of the log
start='^(# )?(<[0-9]+>)?(\[[^]]*\] *)*'
fault=$(grep -aoE 'Kernel panic - not syncing.*|kernel BUG at .*|BUG: .*|Oops: .*|UBSAN: .*|general protection fault.*' "$text" | head -n 1)
[ "$fault" ] || fault=$(grep -aE "$start(WARNING: |BUG |INFO: (suspicious|trying to register|possible|task .* blocked for)|kmemleak: [0-9]+ new)" "$text" | head -n 1)
[ -z "$fault" ] || fail "the kernel reported: $fault"
plan=$(sed -n 's/^1\.\.\([0-9][0-9]*\)$/\1/p' "$text" | head -n 1)
came=$(grep -acE '^(not )?ok [0-9]+' "$text") || :
bad=$(grep -acE '^not ok [0-9]+' "$text") || :
case $2 in
hung) fail "the guest hung: no power-off before the time limit, ${came} of ${plan:-?} rows came" ;;
0) ;;
*) fail "QEMU ended with status $2: $(tail -n 1 "$3")" ;;
esac
[ "$plan" ] || fail "the guest powered off without a plan line (1..N)"
[ "$plan" -gt 0 ] || fail "the guest's plan is empty"
[ "$came" = "$plan" ] || fail "the guest powered off early: $came of $plan rows came"
[ "$(grep -aoE '^(not )?ok [0-9]+' "$text" | awk '{ print $NF }' | sort -n)" = "$(seq "$plan")" ] ||
	fail "the rows of the guest are not numbered 1 to $plan"
mute=$(grep -aiE '^ok .*# SKIP *$' "$text" | head -n 1) || :
[ -z "$mute" ] || fail "a row is skipped without a reason: $mute"
[ "$bad" = 0 ] || fail "$bad of $plan rows are not ok: $(grep -aE '^not ok' "$text" | head -n 3 | tr '\n' ';')"
