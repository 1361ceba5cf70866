#!/bin/sh
# check-tap.sh: a guest passes only when every row of its plan came and is ok, no
# fault was reported and it powered off; every other end has its own reason.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 40
project p
pin 9.1 9.1.5 'file:/none sha256:none'
echo 'qemu: words' >"$work/qemu"

# guest LINE... - the console; good is a healthy guest's
guest() { printf '%s\r\n' '[    0.000000] Linux version 9.1.5-wsl3' "$@" '[    1.000000] reboot: Power down' >"$work/console"; }
good() { guest 'TAP version 13' '1..3' 'ok 1 - one' '# said' 'ok 2 - two # SKIP no such device' "$@"; }
# checked END REGEX NAME - "STATUS ERROR" of check-tap.sh matches
checked() {
	run tests/lib/check-tap.sh smoke "$work/console" "$1" "$work/qemu"
	like "$rc $err" "^$2" "$3"
}

good 'ok 3 - three'
checked 0 '0 $' "all rows came and are ok"
is "$out" "$(printf '%s\n' 'TAP version 13' 1..3 'ok 1 - one' '# said' 'ok 2 - two # SKIP no such device' 'ok 3 - three')" "the guest's rows are printed"
checked hung '1 smoke: error: linux 9.1: the guest hung: no power-off before the time limit, 3 of 3 rows came$' "it hung"
like "$err" '^  \| .*Power down$' "the console's last lines are shown"
checked 1 '1 smoke: error: linux 9.1: QEMU ended with status 1: qemu: words$' "QEMU did not start"
good 'not ok 3 - three'
checked 0 '1 .*: 1 of 3 rows are not ok: not ok 3 - three' "a row is not ok"
good
checked 0 '1 .*: the guest powered off early: 2 of 3 rows came$' "a row is missing"
good 'ok 3 - three' 'ok 4 - four'
checked 0 '1 .*: the guest powered off early: 4 of 3 rows came|1 .*: 4 rows came, the plan is 3' "one row too many"
good 'ok 2 - two'
checked 0 '1 .*: the rows of the guest are not numbered 1 to 3$' "a duplicate number"
good 'ok 4 - four'
checked 0 '1 .*: the rows of the guest are not numbered 1 to 3$' "a missing number"
good 'ok 3 - three # SKIP'
checked 0 '1 .*: a row is skipped without a reason: ok 3 - three # SKIP' "a skip without a reason"
guest 'ok 1 - one'
checked 0 '1 .*: the guest powered off without a plan line' "no plan"
guest '1..0'
checked 0 "1 .*: the guest's plan is empty" "an empty plan"
good 'Bail out! no area of that name' 'ok 3 - three'
checked 0 '1 .*: the guest gave up: Bail out! no area of that name' "the guest gave up, with all rows ok"
guest '[    0.5] Kernel panic - not syncing: VFS: Unable to mount root fs'
checked 0 '1 .*: the kernel reported: Kernel panic - not syncing: VFS' "a panic"
for fault in 'BUG: unable to handle page fault for address: 0' 'Oops: 0002 [#1] SMP' 'WARNING: CPU: 0 PID: 1 at mm/x.c:1 f+0x1' \
	'UBSAN: array-index-out-of-bounds in x.c' 'kernel BUG at mm/x.c:1!' 'general protection fault: 0000 [#1] SMP' \
	'WARNING: possible circular locking dependency detected' 'WARNING: possible recursive locking detected' \
	'WARNING: suspicious RCU usage' 'WARNING: inconsistent lock state' 'INFO: trying to register non-static key.' \
	'BUG: KASAN: use-after-free in f+0x1' 'BUG: sleeping function called from invalid context at x.c:1' \
	'BUG kmalloc-64 (Not tainted): Poison overwritten' 'INFO: task init:1 blocked for more than 120 seconds.' \
	'kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)'; do
	good "[    0.500000] $fault" 'ok 3 - three'
	checked 0 '1 .*: the kernel reported: ' "with all rows ok: $fault"
done
good 'ok 3 - three' '[    0.5] Warning: unable to open an initial console.'
checked 0 '0 $' "a driver's own warning is not a fault"
good 'ok 3 - three' '[    0.5] Spectre V2 : WARNING: Unprivileged eBPF is enabled with eIBRS on'
checked 0 '0 $' "nor is a note about the processor"
guest 1..1 'not ok 1 - log: the kernel reported no fault' '# <4>[    0.5] WARNING: suspicious RCU usage'
checked 0 '1 .*: the kernel reported: .*suspicious RCU usage' "a fault that the guest found in the log"
printf 'ok 1\0 - one\r\n1..1\r\n' >"$work/console"
checked 0 '0 $' "a NUL on the console, the plan at the end"
: >"$work/console"
checked hung '1 .*: the guest hung: .*, 0 of . rows came$' "an empty console"
checked 0 '1 .*: the guest powered off without a plan' "and a power-off"
run tests/lib/check-tap.sh
is $rc 2 "usage"

# the root of the project is found whatever its path, also from a script in tests/lib
good 'ok 3 - three'
for path in scripts/p tests/lib; do
	mkdir -p "$work/$path"
	cp -R "$project/." "$work/$path"
	run "$work/$path/tests/lib/check-tap.sh" smoke "$work/console" 0 "$work/qemu"
	is "$rc$err" 0 "a project in a directory $path"
done
