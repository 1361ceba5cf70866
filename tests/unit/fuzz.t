#!/bin/sh
# tests/fuzz/hvhost: every target builds, and runs its seeds, the inputs that once failed, and a
# few mutations of them, always the same ones, without a report of the sanitizers.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
names='vmbus rings vpci virtio fuse p9'
fuzz=$top/tests/fuzz built=$work/fuzz project=$work
plan 14
echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' >"$work/try.c"
if ! clang -fsanitize=fuzzer,address,undefined -o "$work/try" "$work/try.c" 2>/dev/null; then
	skip 14 "clang with libFuzzer is not installed"
	exit
fi
run make -s -C "$fuzz" O="$built" hvhost
is "$rc$err" 0 "they build"
mkdir "$work/seeds"
run "$built/seeds" "$work/seeds"
# shellcheck disable=SC2012 # names of ours
is "$rc $(ls "$work/seeds" | tr '\n' ' ')" "0 fuse p9 rings virtio vmbus vpci " "there are seeds for each"
for name in $names; do
	set -- "$work/seeds/$name"/*
	run "$built/hvhost-$name" -timeout=60 "$@"
	is "$rc $(printf '%s\n' "$err" | grep -c '^Executed ')" "0 $#" "$name: $# seeds"
	# a run writes what is new to the first directory
	mkdir "$work/new-$name"
	run "$built/hvhost-$name" -seed=1 -runs=500 -timeout=60 -max_len=4096 "$work/new-$name" "$work/seeds/$name"
	like "$rc $err" '^Done 500 runs' "$name: 500 mutations"
done
