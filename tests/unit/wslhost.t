#!/bin/sh
# tests/wslhost, which plays WSL's service: it builds without warnings, checks its options
# and its sockets, and its unit tests pass under AddressSanitizer and UBSan.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 24
wslhost=$top/tests/wslhost built=$work/wslhost project=$work
run make -s -C "$wslhost" O="$built" "$built/wslhost"
is "$rc$err" 0 "it builds"
if command -v clang >/dev/null; then
	run make -s -C "$wslhost" O="$work/clang" CC=clang "$work/clang/wslhost"
	is "$rc$err" 0 "it builds with clang"
else
	skip 1 "clang is not installed"
fi
mkdir "$work/tests"
run make -s -C "$wslhost" O="$built" "$built/test-service"
is "$rc$err" 0 "the unit tests build"
run "$built/test-service" "$work/tests"
is "$rc $(printf '%s\n' "$out" | grep '^not ok')" "0 " "$(printf '%s\n' "$out" | grep -c '^ok') rows are ok"

# ---- options
run "$built/wslhost" --help
like "$rc $out" '^0 usage: wslhost ' "--help prints the usage"
run "$built/wslhost"
like "$rc $err" '^2 wslhost: missing: DIR$' "a directory is needed"
run "$built/wslhost" --seconds 0 a
like "$rc $err" '^2 wslhost: --seconds: expected 1 to 86400, got 0$' "no time is an error"
for word in x -1 255 99999999999999999999; do
	run "$built/wslhost" --swap "$word" a
	like "$rc $err" "^2 wslhost: expected a LUN, 0 to 254, got $word\$" "so is --swap $word"
done
run "$built/wslhost" --load "$(printf '%0201d' 0)" a
like "$rc $err" '^2 wslhost: --load: more than 200 characters' "and a longer list than the message takes"

# ---- sockets and the report
run "$built/wslhost" "$work/none"
like "$rc $err" "^1 wslhost: error: $work/none/50000: No such file or directory\$" "a directory that is not there"
long=$work/$(printf '%0100d' 0)
mkdir -p "$long"
run "$built/wslhost" "$long"
like "$rc $err" '^1 wslhost: error: .*longer than the 107 characters of a unix socket$' "a path that is too long"
mkdir "$work/dir"
: >"$work/dir/50005"
run "$built/wslhost" "$work/dir"
like "$rc $err" "^1 wslhost: error: $work/dir/50005: Address already in use; another run has this directory" "a port that is taken"
rm -r "$work/dir"
mkdir "$work/dir"
run "$built/wslhost" --seconds 1 --report "$work/rows" "$work/dir"
like "$rc $(cat "$work/rows")" '^1 not ok 1 - service: init calls port 50000: nothing within 1 s$' "nobody calls"
like "$(cat "$work/rows")" '^1\.\.5$' "the plan is in the report"
if [ -c /dev/full ]; then
	rm -r "$work/dir"
	mkdir "$work/dir"
	run "$built/wslhost" --seconds 1 --report /dev/full "$work/dir"
	like "$rc $err" '^1 wslhost: error: the report cannot be written' "a full disk is said"
else
	skip 1 "no /dev/full"
fi

# ---- the monitor
# again - the directory, without sockets
again() {
	rm -rf "$work/dir"
	mkdir "$work/dir"
}
again
run "$built/wslhost" "$work/dir" "$work/none"
like "$rc $err" "^1 wslhost: error: $work/none: " "a monitor that cannot be started is named"
like "$out" '^not ok 1 - service: init calls port 50000: the virtual machine has ended$' "and ends the trial"
again
run "$built/wslhost" "$work/dir" sh -c "test -S '$work/dir/50000' && test -S '$work/dir/50005' && echo --help >'$work/started'"
is "$rc $(cat "$work/started")" "1 --help" "the sockets are there before it, and its options are its own"
again
run "$built/wslhost" --seconds 1 "$work/dir" sh -c "echo \$\$ >'$work/monitor'; exec sleep 60"
is "$err" "wslhost: the monitor was ended: the machine was still running" "one that goes on is ended"
ok "! kill -0 $(cat "$work/monitor") 2>/dev/null" "so it is gone"
again
rm "$work/monitor"
"$built/wslhost" "$work/dir" sh -c "echo \$\$ >'$work/monitor'; exec sleep 60" >/dev/null 2>&1 &
wslhost=$! servers=$!
within 10 test -s "$work/monitor"
kill -9 $wslhost
ok "within 5 eval '! kill -0 $(cat "$work/monitor") 2>/dev/null'" "it does not outlive wslhost, however that ends"
