#!/bin/sh
# doctor and deps: what is missing or too old is named with its package; only root
# installs, and only what is missing.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 27
project p
pin 9.1 9.1.5 'file:/none sha256:none'
list=$project/scripts/setup/programs.list
# programs that every machine has, for the rest of this test
tested() { printf '%s\n' 'sh dash - everything' 'sed sed - texts' '<stdio.h> libc6-dev - host programs' "$@" >"$list"; }
fake quilt 'echo 0.60'
fake curl 'echo "curl 8.0.1 (x86_64) lib/1.2"'
real=$PATH

PATH=$PATH:/usr/sbin:/sbin
run scripts/setup/doctor.sh packages
is "$out" "$(awk '$1 !~ /^(#|<)/ && NF' "$list" | while read -r program package _; do
	command -v "$program" >/dev/null || echo "$package"
done)$(printf '%s\n' "$out" | grep -E '^lib.*-dev$' || :)" "the packages of the programs that are missing here, and no others"

tested
run scripts/setup/doctor.sh packages
is "$rc$out$err" 0 "nothing is missing: no package is printed"
run scripts/setup/deps.sh
is "$rc $out" "0 deps: nothing is missing" "deps does nothing then"
tested 'no-such-program its-package - the test of it' '<no-such.h> no-such-dev - headers' 'sed other 0.1 more'
run make doctor
is $rc 2 "a program that is missing is an error"
like "$err" '^doctor: error: no-such-program: missing \(package its-package\), for the test of it$' "it is named with its package and purpose"
like "$err" '^doctor: error: <no-such.h>: missing \(package no-such-dev\)' "so is a header"
unlike "$err" 'doctor: error: (sh|sed|<stdio.h>)' "what exists is not"
like "$err" '^  make deps installs the missing packages$' "and what to do"
run scripts/setup/doctor.sh packages
is "$rc $(echo "$out" | tr '\n' ' ')" "1 its-package no-such-dev " "the names of the packages alone"

PATH=$work/bin:$real
tested 'quilt quilt 0.65 the queue' 'curl curl 7.75 fetch'
run scripts/setup/doctor.sh
like "$rc $err" '^1 doctor: error: quilt: is 0.60, 0.65 is needed \(package quilt\)' "a program that is too old"
unlike "$err" curl "one that is new enough: 8.0.1 is not below 7.75"
fake quilt 'exit 1'
run scripts/setup/doctor.sh
like "$rc $err" '^1 doctor: error: quilt: is unknown, 0.65 is needed' "one that does not tell its version"

tested
fake df 'printf "head\nnone 1 1 17 1 /\n"'
run scripts/setup/doctor.sh
like "$rc $err" "^1 doctor: error: disk: 17 MB are free in $project, a line needs 4000$" "too little disk"
fake df 'printf "head\nnone 1 1 9000 1 /\n"'
run scripts/setup/doctor.sh
if [ "$(awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo)" -gt 2100 ]; then
	like "$rc $out" '^0 doctor: no program is missing, [0-9]+ MB of memory and 9000 MB of disk are free$' "no program is missing"
else
	like "$rc $err" '^1 doctor: error: memory: [0-9]+ MB are available, a build needs 2000$' "no program is missing, but memory is"
fi

# ---- deps, with no apt-get but our own
tested 'no-such-program its-package - the test of it'
without apt-get
# shellcheck disable=SC2123 # yes, that PATH
PATH=$work/without
run scripts/setup/deps.sh
is $rc 1 "a machine without apt-get"
like "$err" "^deps: error: this distribution: is not one of Debian's family$" "gets an error"
like "$err" '^  sh sed <stdio.h> no-such-program $' "with the programs to install"
PATH=$work/bin:$work/without
fake apt-get "echo \"\$*\" >>$work/apt
echo 'E: no network'
exit 100"
fake id 'echo 1000'
run scripts/setup/deps.sh
like "$rc $err" '^1 deps: error: apt-get: needs root to install packages$' "a user who is not root"
is "$out" "deps: installing: its-package" "gets the missing packages"
ok "[ ! -e '$work/apt' ]" "and apt-get is not run"
fake id 'echo 0'
run scripts/setup/deps.sh
like "$rc $err" '^1 deps: error: apt-get: could not install them$' "apt-get fails"
like "$err" '^  E: no network$' "its reason is shown"
fake apt-get "echo \"\$*\" >>$work/apt"
run scripts/setup/deps.sh
like "$rc $err" '^1 deps: error: packages: still missing or too old after the installation$' "apt-get did not bring it"
fake apt-get "echo \"\$*\" >>$work/apt
[ \"\$1\" != install ] || { echo '#!/bin/sh' >$work/bin/no-such-program; chmod +x $work/bin/no-such-program; }"
: >"$work/apt"
run scripts/setup/deps.sh
is "$rc$err" 0 "apt-get did"
is "$(cat "$work/apt")" "$(printf '%s\n' update 'install -y --no-install-recommends --no-remove its-package')" "it was asked for the missing package alone, and to remove none"

# ---- sudo make deps, in the project of a user
if [ "$(stat -c %u "$work")" = 0 ]; then
	rm -rf "$work/bin/no-such-program" "$project/build"
	chown 12345:12345 "$project"
	run scripts/setup/deps.sh
	is "$(stat -c %u "$project/build" "$project/build/deps.log" | tr '\n' ' ')" "12345 12345 " "what it leaves in build/ is the user's"
	# a link of the user's where root writes its log
	rm -rf "$work/bin/no-such-program" "$project/build/deps.log"
	echo precious >"$work/system-file"
	ln -s "$work/system-file" "$project/build/deps.log"
	run scripts/setup/deps.sh
	is "$rc $(cat "$work/system-file") $(stat -c %u "$work/system-file")" "0 precious 0" "it does not write through a link there"
else
	skip 2 "not run as root"
fi
