#!/bin/sh
# make help fits a screen and names every target; make help TARGET= prints what is known of
# one; scripts/variables.list and the Makefile name the same targets and variables.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 19
unset TARGET
project p
pin 9.1 9.1.5 "file:/none/linux-9.1.5.tar.xz sha256:$(printf '%064d' 0)"
targets=$(sed -n 's/^\([a-z-]*\):.*## .*/\1/p' "$top/Makefile")
list=$top/scripts/variables.list

run make help
is "$rc$err" 0 "make help"
is "$(printf '%s\n' "$out" | awk 'length > 80')" "" "no line has more than 80 columns"
ok "[ $(printf '%s\n' "$out" | wc -l) -le 49 ]" "it is a screen long"
is "$(printf '%s\n' "$out" | sed -n 's/^[A-Z ][a-z ]\{7\}\([a-z-]*\)  *[a-z].*/\1/p')" "$targets" "every target, in the order of the Makefile"
is "$(printf '%s\n' "$out" | awk '/^[A-Z][a-z]*  / { print $1 }' | tr '\n' ' ')" "Start Build Use Ship Test Move Other " "by groups"

run make help TARGET=smoke
is "$rc$err" 0 "make help TARGET=smoke"
like "$out" "^make smoke: $(sed -n 's/^smoke:.*## //p' "$top/Makefile")\$" "its text"
like "$out" '^Runs first: prepare config kernel modules$' "what make runs before it"
like "$out" '^scripts/boot/smoke.sh$' "its script"
is "$(printf '%s\n' "$out" | grep -cxF "  $(sed -n '2s/^# //p' "$top/scripts/boot/smoke.sh")")" 1 "and the comment at the head of that"
like "$out" '^  TIMEOUT=SECONDS ' "a variable that it reads"
like "$out" '^  EXTRA="FILE..."  *[a-z]' "one that a target before it reads"
unlike "$out" '^  (PATCH|DIR|CHECK)=' "none of another target"
run make help TARGET=fetch
is "$(printf '%s\n' "$out" | grep '^scripts/')" "$(printf 'scripts/source/fetch.sh\nscripts/queue/links.sh')" "a target of two scripts"
broken=
for target in $targets; do
	run make help TARGET="$target"
	[ "$rc$err" = 0 ] || broken="$broken $target"
done
is "$broken" "" "every target has its page"
run make help TARGET=smok
like "$err" '^help: error: TARGET=smok: the Makefile has no such target$' "an unknown target"
run make help TARGET='.*'
like "$err" '^help: error: TARGET=\.\*: the Makefile has no such target$' "a pattern is not a target"

is "$(sed -nE 's/^[A-Z0-9_]+=("[^"]*"|[^ ]*) +([^ ]+) +[a-z].*/\2/p' "$list" | tr ',' '\n' | sort -u | grep -vxF "$targets")" "*" \
	"variables.list names targets of the Makefile"
# shellcheck disable=SC2016 # a pattern
is "$({ sed -n 's/^export //p' "$top/Makefile" | tr ' ' '\n'; grep -rhoE '\$\{?(CC|MENU|TIMEOUT|CMDLINE|WSL|SELFTEST|CPUS|HOST_BUILD|DISKS|SEED|HOSTILE|RATE|SHRINK|TRIES|OUTER|INITRD|SYSTEM|MEM|VERSION|ROOTFS|SHARE|KEEP|DISTCC_HOSTS|CCACHE_REMOTE_STORAGE)\>' "$top/scripts" | tr -d '${'; } | sort -u)" \
	"$(sed -nE 's/^([A-Z0-9_]+)=.*/\1/p' "$list" | sort -u)" "and every variable that the Makefile exports or a script reads"
