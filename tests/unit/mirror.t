#!/bin/sh
# make mirror DIR=: whatever DIR is, only the mirror's own files are written, in DIR. make
# mirror-verify DIR=: what has become of them since.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 34
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
is "$(cd "$dir" && find . -type f ! -name "$name" ! -name SHA256SUMS -exec sha256sum {} + | sort)" "$before" \
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

# ---- SHA256SUMS, and what mirror-verify says
mirror_verify() { run env DIR="$dir" scripts/source/mirror-verify.sh; }
dir=$work/checked
mkdir "$project/build/cache" 2>/dev/null || :
echo table >"$project/build/cache/kernel-cves.tsv.xz"
filled "with the CVE data"
is "$(cat "$dir/SHA256SUMS")" "$(cd "$dir" && sha256sum kernel-cves.tsv.xz "$name")" "SHA256SUMS has every file"
is "$(stat -c %a "$dir/SHA256SUMS")" 644 "others may read it"
mirror_verify
is "$rc$err $out" "0 mirror-verify: $dir: 2 files, as SHA256SUMS has them" "nothing has changed"
printf 'X' | dd of="$dir/$name" bs=1 seek=100 conv=notrunc 2>/dev/null
mv "$dir/kernel-cves.tsv.xz" "$dir/renamed"
mkdir "$dir/sub"
echo more >"$dir/sub/file"
mirror_verify
like "$rc $err" "^1 mirror-verify: error: $dir: is not as SHA256SUMS has it:\$" "red: a byte, a missing file, and others"
like "$err" "^  changed: $name\$" "the changed one"
like "$err" '^  missing: kernel-cves\.tsv\.xz$' "the missing one"
is "$(printf '%s\n' "$err" | grep '^  extra: ')" "  extra: renamed
  extra: sub/file" "and those that it does not have"
rm -r "$dir/sub" "$dir/renamed"
filled "filled again"
mirror_verify
is "$rc$err" 0 "it is repaired"
tarball 9.1.6
sed -i "s|version = 9.1.5|version = 9.1.6|; s|source = .*|source = $(source_of 9.1.6)|" "$project/upstream.lock"
rm "$project/build/cache/kernel-cves.tsv.xz"
run env DIR="$dir" scripts/source/mirror.sh
mirror_verify
is "$rc$err $(cut -c 67- "$dir/SHA256SUMS" | paste -sd' ')" "0 kernel-cves.tsv.xz $name linux-9.1.6.tar.xz" "a newer pin: the files of earlier runs stay, and stay checked"
rm "$dir/$name"
run env DIR="$dir" scripts/source/mirror.sh
mirror_verify
is "$rc$err" 0 "a file that was removed is no longer listed once the mirror is filled again"
for bad in '../../etc/passwd' '/etc/passwd' '.'; do
	printf '%064d  %s\n' 0 "$bad" >"$dir/SHA256SUMS"
	mirror_verify
	like "$rc $err" "^1 mirror-verify: error: $dir/SHA256SUMS: is not a list of sums of a mirror's files\$" "red: a name as $bad"
done
echo 'no sum' >"$dir/SHA256SUMS"
mirror_verify
like "$err" "SHA256SUMS: is not a list of sums of a mirror's files\$" "red: a line without a sum"
rm "$dir/SHA256SUMS"
mirror_verify
like "$rc $err" "^1 mirror-verify: error: $dir/SHA256SUMS: does not exist\$" "a directory that no run has filled"
run scripts/source/mirror-verify.sh
is "$rc" 2 "no DIR"

# ---- the CVE data of a mirror
rm -rf "$dir"
mkdir "$dir"
printf 'CVE-2026-00001\t-\tmm/x.c\t9.1:aaaaaaaaaaaa:9.2:bbbbbbbbbbbb\n' | xz >"$dir/kernel-cves.tsv.xz"
run env MIRROR="$dir" JSON=1 scripts/report/cve.sh
is "$rc $(jq -r '.cves[].id' "$work/out")" "0 CVE-2026-00001" "make cve MIRROR= takes the data there"

# a copy that writes nothing, should the root not be refused
fake cp 'echo "cp $*" >&2; exit 1'
fake mktemp 'echo "mktemp $*" >&2; exit 1'
for root in / /tmp/.. ; do
	PATH=$work/bin:$PATH refused $root "DIR=$root: is the root of the file system$" "DIR=$root"
done
ok "[ ! -e '/$name' ]" "nothing is written there"
