#!/bin/sh
# A prepare that was killed is completed by running it again: another tarball and
# another queue over an existing tree, killed at the critical steps. Two runs at once
# wait for each other.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 14
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
run scripts/tree/prepare.sh
src=$project/build/9.1/src

# the killed runs are about this: a patch has changed, one is gone, and the same
# release comes in another tarball
sed -i 's/x + 20;/x + 21;/' "$project/patches/9.1/hyperv/bus.patch"
sed -i '/balloon/d' "$project/patches/9.1/series"
keep queue
xz -2kf "$work/www/linux-9.1.5.tar"
: >"$project/upstream.lock"
pin 9.1 9.1.5 "$(source_of 9.1.5)"
run scripts/source/fetch.sh
keep pin

# tree - what prepare left: the recorded digest, what quilt knows, and both again
tree() {
	head -n 1 "$src/.queue/index"
	cat "$src/.pc/applied-patches"
	(cd "$src" && find . -type f ! -path './.queue/*' ! -name .timestamp ! -path './.pc/*~' | sort | xargs sha256sum)
}
run scripts/tree/prepare.sh
tree >"$work/want"

# a program that is killed, with all that run it, at the call whose words hold the line of $work/at
fake mv "read -r at <'$work/at'
case \"\$*\" in *\"\$at\"*) kill -9 0 ;; esac
exec $(command -v mv) \"\$@\""
# half of the tarball, and then the end
fake tar "read -r at <'$work/at'
[ \"\$at\" != half ] || { $(command -v tar) \"\$@\" --exclude='*/init' --exclude='*/scripts'; kill -9 0; }
exec $(command -v tar) \"\$@\""

# killed KEPT AT COMMAND... - then prepare, and the tree must be the wanted one
killed() {
	back "$1"
	at=$2
	shift 2
	rc=0
	echo "$at" >"$work/at"
	(cd "$project" && PATH=$work/bin:$PATH setsid -w "$@" || exit $?) >"$work/out" 2>"$work/err" </dev/null || rc=$?
	is $rc 137 "killed $name"
	run scripts/tree/prepare.sh
	[ $rc != 0 ] || tree >"$work/got"
	ok "[ $rc = 0 ] && cmp -s '$work/got' '$work/want'" \
		"run again after it was killed $name, the tree is like a new one"
}
name="in the middle of the tarball"
killed pin half scripts/tree/prepare.sh
name="between the old tree and the new one"
killed pin src.new scripts/tree/prepare.sh
name="while it installs the files of the push"
killed queue lib/old.c scripts/tree/push.sh push ''
name="between quilt's state and the new one"
killed queue 'push/.pc .pc' scripts/tree/push.sh push ''
# ---- two at once, the first held up in quilt
back queue
rm "$work"/bin/*
fake quilt "touch $work/here; while [ ! -e $work/go ]; do sleep 0.1; done
exec $(command -v quilt) \"\$@\""
(cd "$project" && PATH=$work/bin:$PATH && exec scripts/tree/prepare.sh) >"$work/first" 2>&1 &
first=$!
within 20 test -e "$work/here" || note "the first run does not come to quilt"
(cd "$project" && exec scripts/tree/prepare.sh) >"$work/second" 2>&1 &
second=$!
ok "within 20 grep -qs '^prepare: another run holds build/9.1, waiting$' '$work/second'" \
	"a second run says that it waits"
touch "$work/go"
rc=0
wait $first || rc=$?
wait $second || rc=$?
is "$rc $(grep -c 'queue is pushed' "$work/first" "$work/second" | sed 's/.*://' | tr '\n' ' ')" "0 1 0 " \
	"both are good, one pushed"
tree >"$work/got"
ok "cmp -s '$work/got' '$work/want'" "and the tree is like a new one"

# ---- and clean, which removes the lock's file
back pin
line=$project/build/9.1
exec 8>"$line/.lock"
flock 8
(cd "$project" && exec scripts/clean.sh) >"$work/first" 2>&1 8>&- &
first=$!
ok "within 20 grep -qs '^clean: another run holds build/9.1, waiting$' '$work/first' && [ -d '$line/src' ]" \
	"clean waits for a step"
exec 8>&-
rc=0
wait $first || rc=$?
ok "[ $rc = 0 ] && [ ! -e '$line' ]" "and then removes the line"
mkdir -p "$line"
exec 8>"$line/.lock"
flock 8
(cd "$project" && exec scripts/tree/prepare.sh) >"$work/second" 2>&1 8>&- &
second=$!
within 20 grep -qs waiting "$work/second" || note "the second run does not wait"
rm -rf "$line"
exec 8>&-
rc=0
wait $second || rc=$?
ok "[ $rc = 0 ] && [ -e '$line/.lock' ]" \
	"a step that waited for clean locks the new directory, not the removed one"
