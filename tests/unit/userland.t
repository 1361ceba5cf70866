#!/bin/sh
# userland.sh with a fake apt-get: the disk is made once, of what was downloaded; what is
# missing on it is named; nothing half-made is left.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 18
project p
pin 9.1 9.1.5 'file:/none sha256:none'
list=$project/scripts/boot/userland.list
image=$project/build/userland.ext4
sbin=$(PATH=$PATH:/usr/sbin:/sbin command -v mke2fs)

# package NAME FILE... - $work/debs/NAME.deb with these files of this machine
package() {
	name=$1 dir=$work/package
	shift
	rm -rf "$dir"
	mkdir -p "$work/debs" "$dir/DEBIAN"
	for file; do
		mkdir -p "$dir${file%/*}"
		cp "$file" "$dir${file%/*}"
	done
	printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: nobody <>\nDescription: none\n' "$name" >"$dir/DEBIAN/control"
	dpkg-deb -b "$dir" "$work/debs/$name.deb" >"$work/build" 2>&1
}
# shellcheck disable=SC2046 # lists
package libs $(ldd "$sbin" | grep -oE '/[^ ]+')
package tools "$sbin" "$(command -v busybox)"
fake apt-get "echo \"\$*\" >>$work/apt
[ \"\$1\" != -c ] || cp \"\$2\" $work/apt.conf
case \$* in *' install '*) ;; *) exit 0 ;; esac
[ ! -e $work/offline ] || { echo 'E: Failed to fetch http://debs.test/tools.deb'; exit 100; }
for word; do case \$word in Dir::Cache::archives=*) cp $work/debs/*.deb \${word#*=} ;; esac; done"
PATH=$work/bin:$PATH

printf '%s\n' '# words' 'tools mke2fs' 'libs' >"$list"
run scripts/boot/userland.sh
is "$rc$err" 0 "a disk is made"
is "$(dd if="$image" bs=1 skip=1144 count=8 2>/dev/null)" userland "with the label that the guest looks for"
like "$(cat "$work/apt")" ' install --download-only tools libs$' "of the packages in the list"
unlike "$(grep -v "Dir::State=$project/build/userland -o Dir::State::status=$project/build/userland/status " "$work/apt")" . "with a state of apt's own"
# the hooks of docker and of desktops, which empty the machine's cache or write to /var
printf '%s\n' 'APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };' \
	'DPkg::Post-Invoke { "true"; };' 'APT::Update::Post-Invoke-Success { "true"; };' >"$work/hooks"
APT_CONFIG=$work/hooks apt-config -c "$work/apt.conf" dump >"$work/dump" || :
ok "grep -q ^APT:: '$work/dump' && ! grep -i 'invoke.*\"[^\"]' '$work/dump'" "and without the hooks of the machine's apt"
is "$(ls "$project/build/userland")" "$(printf '%s\n' log stamp status)" "nothing else is left"
mkdir "$project/mirror"
cp "$image" "$project/mirror/userland-$(cat "$project/build/userland/stamp").ext4"
rm -r "$project/build"
: >"$work/apt"
run env MIRROR=mirror scripts/boot/userland.sh
like "$rc $out" "^0 userland: $project/mirror has the programs" "the directory MIRROR= has it"
is "$(cat "$work/apt")$(cmp "$image" "$project/mirror"/*)" "" "then apt-get is not run"
: >"$work/apt"
run scripts/boot/userland.sh
is "$rc$out$err$(cat "$work/apt")" 0 "once made, it is not rebuilt"
echo '# more' >>"$list"
: >"$work/offline"
run scripts/boot/userland.sh
like "$rc $err" "^1 userland: error: userland.list: apt-get could not download its packages$" "apt-get fails"
like "$err" '^  E: Failed to fetch http://debs.test/tools.deb$' "its reason is shown"
rm "$work/offline"
echo 'tools no-such-program' >>"$list"
run scripts/boot/userland.sh
like "$rc $err" '^1 userland: error: tools: has no program no-such-program$' "a program that is in no package"
sed -i '/no-such/d' "$list"
mv "$work/debs/libs.deb" "$work/libs.deb"
# the loader is there, the library is not
# shellcheck disable=SC2046 # lists
package loader $(ldd "$sbin" | grep -oE '/[^ ]+' | grep -v /libext2fs)
run scripts/boot/userland.sh
like "$rc $err" '^1 userland: error: mke2fs: lacks a library on the disk$' "a library that is in no package"
like "$err" '^  .*libext2fs' "it is named"
mv "$work/libs.deb" "$work/debs/libs.deb"
head -c 1000 "$work/debs/tools.deb" >"$work/debs/torn.deb"
run scripts/boot/userland.sh
like "$rc $err" '^1 userland: error: torn.deb: cannot be unpacked$' "a truncated package"
rm "$work/debs/torn.deb"
run scripts/boot/userland.sh
is "$rc$err" 0 "fixed, a disk is made"
without apt-get
echo '# again' >>"$list"
# shellcheck disable=SC2123 # yes, that PATH
PATH=$work/without
run scripts/boot/userland.sh
like "$rc $err" '^1 userland: error: userland.list: needs apt-get and dpkg-deb' "a machine without apt-get"
ok "[ -f '$image' ]" "the earlier disk stays"
