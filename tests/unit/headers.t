#!/bin/sh
# headers.sh on a miniature tree: what the archive has and has not, that the same build gives
# the same bytes, and a build that is not the one in dist/. (tests/check builds a module
# against real headers.)
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 22
for program in zstd strip jq; do
	command -v $program >/dev/null && continue
	skip 22 "$program is not installed"
	exit
done
top_dir=usr/src/linux-headers-9.1.5-wsl3

# built - the project has a tree with objects, as make modules leaves it
built() {
	src=$project/build/9.1/src obj=$project/build/9.1/obj dist=$project/dist/9.1
	(
		mkdir -p "$src/.queue" "$dist" "$src/include/linux" "$src/arch/x86/include/asm" "$src/arch/x86/kernel" \
			"$src/scripts/dtc" "$src/drivers" "$obj/include/config" "$obj/include/generated" "$obj/scripts/mod" \
			"$obj/arch/x86/include/generated" "$obj/tools/objtool" "$obj/drivers"
		echo "treestate 1 index" >"$src/.queue/index"
		cd "$src"
		for file in COPYING Makefile arch/x86/Makefile arch/x86/Makefile_32.cpu arch/x86/kernel/Makefile \
			arch/x86/include/asm/x.h include/linux/a.h scripts/Makefile.build scripts/tool.pl drivers/hv.c; do
			echo "source of $file" >"$file"
		done
		chmod 755 scripts/tool.pl
		ln -s a.h include/linux/b.h
		ln -s ../../arch/arm/boot/dts scripts/dtc/prefix
		cd "$obj"
		for file in .config Module.symvers include/generated/autoconf.h include/config/auto.conf include/config/HV \
			include/config/.auto.conf.cmd arch/x86/include/generated/y.h scripts/module.lds scripts/mod/modpost.o \
			scripts/mod/.modpost.cmd scripts/mod/elfconfig.h drivers/hv.o; do
			echo "object $file" >"$file"
		done
		echo 9.1.5-wsl3 >include/config/kernel.release
		echo 'int main(void) { return 0; }' >main.c
		gcc -g -Wl,--build-id -o scripts/mod/modpost main.c
		cp scripts/mod/modpost tools/objtool/objtool
		echo part >tools/objtool/check.o
		cp .config "$dist/config"
		echo modules >"$dist/modules.tar.gz"
		jq -n '{release: "9.1.5-wsl3", outputs: {}}' >"$dist/manifest.json"
	)
}
headers() { run env LTS=9.1 "$@" scripts/kernel/headers.sh; }
unpack() {
	rm -rf "$work/unpacked"
	mkdir "$work/unpacked"
	zstd -dcq "$dist/linux-headers.tar.zst" | tar -C "$work/unpacked" -xf -
}

project p
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
headers
like "$rc $err" '^1 headers: error: build/9.1/obj/Module.symvers: does not exist$' "there must be a build"
like "$err" '^  run make modules LTS=9.1$' "and what to do"
built
headers
is "$rc$err" 0 "it is built"
like "$out" '^headers: built dist/9.1/linux-headers.tar.zst, [0-9]+ MB$' "the last line says so"
first=$(sum "$dist/linux-headers.tar.zst")
is "$(jq -r '.outputs["linux-headers.tar.zst"].sha256' "$dist/manifest.json")" "$first" "the manifest has it"
unpack
is "$(zstd -dcq "$dist/linux-headers.tar.zst" | tar -tf - | grep -v "^$top_dir/")" "" "no entry above usr/src/linux-headers-<release>"
is "$(cd "$work/unpacked/$top_dir" && find . ! -type d | sort)" "./.config
./COPYING
./Makefile
./Module.symvers
./arch/x86/Makefile
./arch/x86/Makefile_32.cpu
./arch/x86/include/asm/x.h
./arch/x86/include/generated/y.h
./include/config/auto.conf
./include/config/kernel.release
./include/generated/autoconf.h
./include/linux/a.h
./include/linux/b.h
./scripts/Makefile.build
./scripts/mod/elfconfig.h
./scripts/mod/modpost
./scripts/module.lds
./scripts/tool.pl
./tools/objtool/objtool" "what a module needs: no objects, no sources, no link that leads nowhere"
is "$(cat "$work/unpacked/$top_dir/Module.symvers" "$work/unpacked/$top_dir/include/linux/b.h")" "object Module.symvers
source of include/linux/a.h" "from the build and from the source"
is "$(zstd -dcq "$dist/linux-headers.tar.zst" | tar -tvf - --full-time | grep -v '^l' | awk '{ print $2, $4, $5, substr($1, 2) }' | sort | uniq -c | awk '{ $1 = ""; print }')" " 0/0 2026-01-02 00:00:00 rw-r--r--
 0/0 2026-01-02 00:00:00 rwxr-xr-x" "all of it root's, with the date of the release"
"$work/unpacked/$top_dir/scripts/mod/modpost" || rc=$?
is "$rc $(readelf -SW "$work/unpacked/$top_dir/scripts/mod/modpost" "$work/unpacked/$top_dir/tools/objtool/objtool" | grep -cE 'debug_info|build-id|symtab')" "0 0" \
	"the host programs run, without debug information and build id"
ok "readelf -SW '$obj/scripts/mod/modpost' | grep -q build-id" "which those of the build keep"

# ---- the same bytes
headers
is "$rc$out$err" 0 "a second run prints nothing"
truncate -s 20 "$dist/linux-headers.tar.zst"
headers TZ=Asia/Tokyo TAR_OPTIONS=--exclude=Makefile ZSTD_CLEVEL=1 ZSTD_NBTHREADS=3
is "$rc $(sum "$dist/linux-headers.tar.zst")" "0 $first" "truncated, it is rebuilt: the same file whatever the environment"
project a-directory-with-a-longer-name
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
built
(umask 077 && headers) # of a user with another umask
is "$rc $(sum "$dist/linux-headers.tar.zst")" "0 $first" "in another directory as well"
echo '0x0 one vmlinux EXPORT_SYMBOL' >>"$obj/Module.symvers"
headers
unpack
like "$rc $(cat "$work/unpacked/$top_dir/Module.symvers")" 'EXPORT_SYMBOL$' "another Module.symvers: it is rebuilt"

# ---- a build without objtool, as on 4.19
rm -r "$obj/tools"
echo >>"$obj/Module.symvers"
headers
is "$rc$err" 0 "without objtool"
unpack
ok "[ ! -e '$work/unpacked/$top_dir/tools' ]" "there is none in the archive"

# ---- what dist/ has is of another build
echo CONFIG_X=y >>"$obj/.config"
headers
like "$rc $err" '^1 headers: error: build/9.1/obj: is not the build that dist/9.1 has$' "another configuration"
cp "$obj/.config" "$dist/config"
echo 9.1.5-wsl4 >"$obj/include/config/kernel.release"
headers
like "$rc $err" '^1 headers: error: build/9.1/obj: is not the build that dist/9.1 has$' "another release"
echo 9.1.5-wsl3 >"$obj/include/config/kernel.release"
rm "$dist/modules.tar.gz"
headers
like "$rc $err" '^1 headers: error: dist/9.1/modules.tar.gz: does not exist$' "without modules Module.symvers is not complete"
echo modules >"$dist/modules.tar.gz"
without zstd
headers PATH="$work/without"
like "$rc $err" '^1 headers: error: zstd: is not installed$' "a program that is missing"
run scripts/kernel/headers.sh x
is "$rc" 2 "usage"
