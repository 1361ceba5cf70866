#!/bin/sh
# tools/treestate: what counts as a change of a tree and what does not, and that
# no change is missed however quickly it follows the record.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 39
build_tools treestate
tree=$work/tree index=$work/index
mkdir -p "$tree/sub" "$tree/.git" "$tree/.pc" "$tree/.queue"
project=$work
echo one >"$tree/one"
echo two >"$tree/sub/two"
echo three >"$tree/sub.c"
ln -s one "$tree/link"
record() { run "$treestate" record "$tree" "$index"; }
# differs WANTED NAME - what check prints, and its status
differs() {
	run "$treestate" check "$tree" "$index"
	is "$(printf '%s\n' "$rc" "$out")" "$(printf '%s\n' 3 "$1")" "$2"
	record
}
same() {
	run "$treestate" check "$tree" "$index"
	is "$rc$out$err" 0 "$1"
}

record
is "$rc$out$err" 0 "record"
like "$(head -n 1 "$index")" '^treestate 1 [0-9a-f]{64}$' "the index begins with a digest"
is "$(awk 'NR > 1 { print $7 }' "$index" | tr '\n' ' ')" "link one sub.c sub/two " \
	"and lists files and links by path"
is "$(awk '$7 == "one" { print $6 }' "$index")" "$(sum "$tree/one")" "with the sha256 of each"
same "nothing has changed"

# ---- changes
echo ONE >"$tree/one"
differs "M one" "another content of the same size, within the tick of the record"
for turn in 1 2 3 4 5 6 7 8; do
	printf '%s\n' "$turn" >"$tree/one"
	record
	printf '%s\n' "x" >"$tree/one"
	run "$treestate" check "$tree" "$index"
	[ $rc = 3 ] || break
done
is "$rc" 3 "eight times in a row"
# why: the ctime of a file that is just being written is not trusted, however long
# the others take to read
truncate -s 256M "$tree/long"
while :; do echo x >"$tree/one"; done &
servers=$!
for turn in $(seq 50); do
	rm "$index"
	"$treestate" record "$tree" "$index"
	[ "$(awk '$7 == "one" { print $4 }' "$index")" != 0 ] || break
done
kill $servers
servers=
is "$(awk '$7 == "one" { print $4 }' "$index")" 0 \
	"for the index has no time of a file that is being written"
rm "$tree/long"
record
touch -r "$tree/sub/two" "$work/times"
echo TWO >"$tree/sub/two"
touch -r "$work/times" "$tree/sub/two"
differs "M sub/two" "another content under the old time"
chmod +x "$tree/one"
differs "M one" "the execute bit"
ln -sf sub.c "$tree/link"
differs "M link" "a link that points elsewhere"
rm "$tree/link"
cp "$tree/one" "$tree/link"
differs "M link" "a file in the place of a link"
echo new >"$tree/sub/new"
mv "$tree/sub.c" "$tree/sub.h"
differs "$(printf '%s\n' 'D sub.c' 'A sub.h' 'A sub/new')" "new files, and one that is gone"
rm "$tree/one"
mkdir "$tree/one"
echo in >"$tree/one/in"
differs "$(printf '%s\n' 'D one' 'A one/in')" "a directory in the place of a file"

# ---- no changes
digest=$(head -n 1 "$index")
touch "$tree/sub/two" "$tree/sub.h"
sleep 0.05 # within the tick of the touch they would have to be read again
same "touched files"
before=$(sum "$index")
same "once more"
is "$(sum "$index")" "$before" "they are not read again: the index has their new times"
record
is "$(head -n 1 "$index")" "$digest" "nor does the digest go by times"
chmod g-r "$tree/sub.h"
mkdir "$tree/empty"
echo x | tee "$tree/.git/x" "$tree/.pc/x" "$tree/.queue/x" "$tree/a~" "$tree/b.orig" "$tree/c.rej" "$tree/sub/.d.swp" >/dev/null
same "modes of others, empty directories, state of git and quilt, what editors leave"
mkdir "$tree/sub/.pc"
echo x >"$tree/sub/.pc/x"
differs "A sub/.pc/x" "but .pc counts further down"
cp -R "$tree" "$work/copy"
run "$treestate" record "$work/copy" "$work/copy.index"
is "$(head -n 1 "$work/copy.index")" "$(head -n 1 "$index")" "a copy has the same digest"

# ---- record touches what has changed under an old time, for kbuild goes by time
echo other >"$tree/sub/two"
touch -d 2001-01-01 "$tree/sub/two" "$tree/sub.h"
record
ok "[ '$tree/sub/two' -nt '$work/times' ]" "a changed file with an old time gets a new one"
ok "[ '$tree/sub.h' -ot '$work/times' ]" "an unchanged one keeps its own"

# ---- follow, while a tree is unpacked: what is written twice, moved or replaced meanwhile
mkdir "$work/new"
for turn in 1 2 3 4 5 6 7 8 9; do
	mkdir "$work/new/$turn"
	rm -f "$work/new/link"
	echo "$turn" | tee "$work/new/same" "$work/new/$turn/file" >"$work/new/link"
	touch -d 2001-01-01 "$work/new/same"
	sleep 0.1
	ln -sf "$turn" "$work/new/link"
	mv "$work/new/$turn/file" "$work/new/$turn/moved"
done | "$treestate" follow "$work/new" "$work/new.index"
run "$treestate" record "$work/new" "$work/fresh.index"
is "$(head -n 1 "$work/new.index")" "$(head -n 1 "$work/fresh.index")" \
	"follow ends with what a fresh record has"
is "$(stat -c %Y "$work/new/same")" "$(date -d 2001-01-01 +%s)" "and leaves every time as it is"
run "$treestate" check "$work/new" "$work/new.index"
is "$rc$out$err" 0 "nothing has changed since"
rm -r "$work/new"
run "$treestate" follow "$work/new" "$work/new.index"
like "$rc $err" '^1 treestate: error: .*/new: No such file' "a missing directory is an error"

# ---- stat, for trees that are not ours
run "$treestate" stat "$tree"
first=$out
like "$rc $first" '^0 [0-9a-f]{64}$' "stat prints a digest"
is "$("$treestate" stat "$tree")" "$first" "the same again"
touch "$tree/sub.h"
unlike "$("$treestate" stat "$tree")" "$first" "another after a touch"

# ---- errors
mkdir "$work/bad"
: >"$work/bad/a
b"
run "$treestate" record "$work/bad" "$work/bad.index"
is $rc 1 "a newline in a name is an error"
like "$err" '^b: a newline in a file name$' "which names it"
ok "[ ! -e '$work/bad.index' ]" "and leaves no index"
sed -i '3s/^[0-7]* /x /' "$index"
run "$treestate" check "$tree" "$index"
like "$rc $err" "^1 treestate: error: $index: line 3 is damaged$" "a damaged index is an error"
echo nonsense >"$index"
run "$treestate" check "$tree" "$index"
like "$rc $err" "^1 treestate: error: $index: not an index of treestate$" \
	"so is a file that is none"
head -c 300 "$work/copy.index" >"$index"
run "$treestate" check "$tree" "$index"
like "$rc $err" '^1 treestate: error: .*damaged' "and a truncated one"
run "$treestate" check "$tree" "$work/none"
like "$rc $err" '^1 treestate: error: .*/none: No such file' "and none at all"
run "$treestate" check "$work/none" "$work/copy.index"
like "$rc $err" '^1 treestate: error: .*/none: No such file' "a missing directory is an error"
run "$treestate" check
is $rc 2 "usage"
