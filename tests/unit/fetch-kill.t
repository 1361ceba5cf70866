#!/bin/sh
# fetch when it is interrupted: a killed run resumes, a change on the server meanwhile is
# detected, two runs wait for each other, and a full disk is named.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/server.sh"
plan 19
# more than curl buffers before it writes
release 9.1.5
head -c 300000 /dev/urandom >"$work/release/linux-9.1.5/lib/noise"
tarball 9.1.5
name=linux-9.1.5.tar.xz
digest=$(sum "$work/www/$name")
half=$(($(stat -c %s "$work/www/$name") / 2))
serve
project p
cache=$project/build/cache
pin 9.1 9.1.5 "$url/stall/$name sha256:$digest"

# arrived - most of what the server sends is on disk; $at is its size
arrived() {
	at=$(stat -c %s "$cache"/part/*."$name" 2>/dev/null) && [ "$at" -gt $((half - 8192)) ]
}
# begin - start a fetch in a new process group
# shellcheck disable=SC2016 # for the shell that setsid starts
begin() { exec setsid sh -c 'cd "$1" && exec scripts/source/fetch.sh' sh "$project"; }
# killed - start a fetch, and kill its process group when half is there
killed() {
	begin >/dev/null 2>&1 &
	fetch=$!
	within 20 arrived || note "nothing arrived"
	kill -9 -$fetch
	wait $fetch 2>/dev/null || :
}

killed
ok "[ ! -e '$cache/$name' ] && [ ! -e '$cache/$name.verified' ]" \
	"killed half-way: there is no tarball"
run scripts/source/fetch.sh
ok "[ $rc = 0 ] && cmp -s '$work/www/$name' '$cache/$name'" "run again: it is there and good"
is "$(asked "stall/$name")" "- $at" "only the rest was requested"

rm -rf "$cache"
killed
head -c 300000 /dev/urandom >"$work/release/linux-9.1.5/lib/noise"
tarball 9.1.5
: >"$project/upstream.lock"
pin 9.1 9.1.5 "$url/stall/$name sha256:$(sum "$work/www/$name")"
: >"$work/requests"
sed -i 's/stall)/never)/' "$work/answer.sh"
run scripts/source/fetch.sh
ok "[ $rc = 0 ] && cmp -s '$work/www/$name' '$cache/$name'" \
	"the file changed on the server meanwhile: the new one is there"
like "$out" "^fetch: $name: sha256 is .*; the download was resumed, starting again from the first byte$" \
	"it says that it starts again"
is "$(asked "stall/$name")" "$at -" "and requests all of it"

# ---- killed right before and after the verified tarball is stored
for when in before after; do
	rm -rf "$cache"
	: >"$work/requests"
	sed -i 's/stall)/never)/' "$work/answer.sh"
	fake mv "case $when,\$* in before,*/part/*/cache/$name) kill -9 0 ;; esac
$(command -v mv) \"\$@\"
case $when,\$* in after,*/part/*/cache/$name) kill -9 0 ;; esac"
	(cd "$project" && PATH="$work/bin:$PATH" setsid -w scripts/source/fetch.sh || exit $?) >/dev/null 2>&1 || rc=$?
	is $rc 137 "killed right $when the tarball is stored"
	rm "$work/bin/mv"
	run scripts/source/fetch.sh
	ok "[ $rc = 0 ] && cmp -s '$work/www/$name' '$cache/$name'" "run again: it is there"
	unlike "$(asked "stall/$name")" '-.*-' "and no byte was requested twice"
done

# ---- two at once
rm -rf "$cache"
cp "$top/tests/lib/answer.sh" "$work/answer.sh"
: >"$work/requests"
begin >"$work/first" 2>&1 &
first=$!
within 20 arrived || note "nothing arrived"
(cd "$project" && exec scripts/source/fetch.sh) >"$work/second" 2>&1 &
second=$!
ok "within 20 grep -qs '^fetch: another run holds build/cache, waiting$' '$work/second'" \
	"a second run says that it waits"
is "$(asked "stall/$name" | wc -w)" 1 "and requests nothing"
kill -9 -$first
rc=0
wait $second || rc=$?
is $rc 0 "the first one is killed: the second continues"
ok "cmp -s '$work/www/$name' '$cache/$name'" "from where the first stopped, and is good"

# ---- a full disk
if [ "$(id -u)" = 0 ] && mkdir "$work/disk" && mount -t tmpfs -o size=200k none "$work/disk" 2>/dev/null; then
	disk=$work/disk
	rm -rf "$cache"
	mkdir -p "$disk/part"
	ln -s "$disk" "$cache"
	: >"$project/upstream.lock"
	pin 9.1 9.1.5 "$url/plain/$name sha256:$(sum "$work/www/$name")" "file:$work/www/$name sha256:$(sum "$work/www/$name")"
	run scripts/source/fetch.sh
	is $rc 1 "a full disk is an error"
	like "$err" "^  $url/plain/$name: cannot be written, 0 MB are free in build/cache$" \
		"which is called one"
	like "$err" "^  file:$work/www/$name: cannot be copied, 0 MB are free in build/cache$" \
		"for a file, too"
else
	skip 3 "a disk can be filled by root only, who may mount one"
fi
