#!/bin/sh
# The start of WSL, played by both: the rows of tests/guest that talk to the service, against
# tests/wslhost, without a machine.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 14
project=$work
guest=$top/tests/guest
make -s -C "$top/tests/wslhost" O="$work/wslhost" "$work/wslhost/wslhost"
# shellcheck disable=SC2046 # words
cc -std=gnu11 -Wall -Wextra -Wno-missing-field-initializers -Werror -fsanitize=address,undefined \
	-fno-sanitize-recover=all -I "$guest/lib" -I "$guest/probes" -o "$work/start" "$guest/test/start.c" \
	$(printf "$guest/probes/start_%s.c " call early disk init late end) "$guest/lib/util.c" "$guest/lib/netlink.c"

# play OPTION... - a start with this service; $rc of it, $out of init, $rows of the service
play() {
	rm -rf "$work/dir"
	mkdir "$work/dir"
	"$work/wslhost/wslhost" --seconds 20 --report "$work/rows" "$@" "$work/dir" &
	service=$! servers=$!
	within 10 test -S "$work/dir/50005"
	run "$work/start" "$work/dir"
	rc=0
	wait $service || rc=$?
	rows=$(cat "$work/rows")
}
play --config --system 0 --modules 1 --swap 2 --load tun,br_netfilter --release "$(uname -r)"
is "$rc $(printf '%s\n' "$rows" | grep '^not ok')" "0 " "the service is content"
is "$(printf '%s\n' "$rows" | grep -c '^ok ')" 8 "with eight rows"
is "$(printf '%s\n' "$out" | grep -E '^(not ok|skip|#)')" "" "so is init"
is "$(printf '%s\n' "$out" | grep -c '^ok ')" 9 "with nine"
like "$out" '^system 0 modules 1 swap 2 load "tun,br_netfilter" name "try"$' "the early config has what it should"
like "$rows" "^ok 2 - service: it sends its capabilities: release $(uname -r), in the form of WSL 2.8.9 and later\$" "the capabilities name this kernel"
play --config
like "$out" '^system -1 modules -1 swap -1 load "" name "try"$' "without disks the early config names none"
play --release 1.2.3-wsl1
like "$rows" "^not ok 2 - service: it sends its capabilities: the release is \"$(uname -r)\", not \"1.2.3-wsl1\"" "red: another kernel than the service expects"
is "$rc" 1 "which its status says"
play
like "$rc $out" '^not ok the early config arrives$' "red: a service that has no config"
like "$out" '^# the service has hung up$' "with the reason"
rm -rf "$work/dir"
mkdir "$work/dir"
run "$work/start" "$work/dir"
like "$out" '^not ok a call to port 50000 of the host$' "red: nobody is called"
is "$(printf '%s\n' "$out" | grep -c '^ok ')" 0 "and nothing after it passes"
like "$out" '^# there is no connection to the service$' "with the reason"
