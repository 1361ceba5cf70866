#!/bin/sh
# make mirror DIR=: whatever DIR is, only the mirror's own files are written, in DIR.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 15
tarball 9.1.5
name=linux-9.1.5.tar.xz
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
# no programs for the guest, for they need a network
printf '#!/bin/sh\nexit 1\n' >"$project/scripts/boot/userland.sh"
dir=$work/mirror
# filled NAME - mirror.sh succeeds, and the tarball is in $dir
filled() {
	run env DIR="$dir" scripts/source/mirror.sh
	ok "[ $rc = 0 ] && cmp -s '$work/www/$name' '$dir/$name'" "$1"
}
# refused DIR REGEX NAME
refused() {
	run env DIR="$1" scripts/source/mirror.sh
	like "$rc
$err" "^mirror: error: $2" "$3"
}

# ---- a directory with files of the user's
mkdir -p "$dir/.new" "$dir/sub"
echo mine | tee "$dir/.new/file" "$dir/sub/file" "$dir/README" "$work/elsewhere" >/dev/null
before=$(cd "$dir" && find . -type f -exec sha256sum {} + | sort)
filled "a directory with other files"
is "$(cd "$dir" && find . -type f ! -name "$name" -exec sha256sum {} + | sort)" "$before" \
	"which stay as they are"
is "$(stat -c %a "$dir/$name")" 644 "others may read the mirror"
ln -sf "$work/elsewhere" "$dir/$name"
filled "a symbolic link in the place of the tarball"
is "$(cat "$work/elsewhere")" mine "is replaced, and its target stays"
rm "$dir/$name"
mkdir "$dir/$name"
refused "$dir" "$dir/$name: cannot be written \(above\)$" "a directory in its place"
is "$(cd "$dir" && find . -name '*.new*' ! -path ./.new; ls "$dir/$name")" "" \
	"nothing is left in it or beside it"
rm -r "$dir"

# ---- what DIR is
mkdir "$work/real"
ln -s real "$dir"
filled "a symbolic link to a directory"
ok "[ -L '$dir' ] && [ -f '$work/real/$name' ]" "the directory gets the files"
echo mine >"$work/file"
refused "$work/file" "$work/file: cannot be made \(above\)$" "a file"
is "$(cat "$work/file")" mine "is left alone"
dir=$project/-p
run env DIR=-p scripts/source/mirror.sh
ok "[ $rc = 0 ] && cmp -s '$work/www/$name' '$dir/$name'" "a name that looks like an option"

# a copy that writes nothing, should the root not be refused
fake cp 'echo "cp $*" >&2; exit 1'
fake mktemp 'echo "mktemp $*" >&2; exit 1'
for root in / /tmp/.. ; do
	PATH=$work/bin:$PATH refused $root "DIR=$root: is the root of the file system$" "DIR=$root"
done
ok "[ ! -e '/$name' ]" "nothing is written there"
