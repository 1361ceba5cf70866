#!/bin/sh
# make verify-reproducible: the second build is really another one, the same bytes pass with
# one hash, and what differs is named.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 18
PATH=$PATH:/usr/sbin:/sbin
for program in mke2fs debugfs qemu-img; do
	command -v $program >/dev/null && continue
	skip 18 "$program is not installed"
	exit
done
build_tools treestate config-check vhdx-settle fragment-check
# what depmod leaves; an object and an archive that have what $work/leak.* print, and a build
# that stops if there is $work/stop
release 9.1.5
cat >>"$work/release/linux-9.1.5/Makefile" <<END
	@cd \$(INSTALL_MOD_PATH)/lib/modules/\$(release) && for file in dep dep.bin builtin builtin.bin; do \\
		echo modules >modules.\$\$file; done
	@[ ! -f $work/leak.modules ] || sh $work/leak.modules >\$(INSTALL_MOD_PATH)/lib/modules/\$(release)/modules.dep
	@echo "\$(abspath \$(O)) CCACHE_DISABLE=\$(CCACHE_DISABLE) \$(filter -j%,\$(MAKEFLAGS))" >>$work/builds

\$(O)/lib/other.o: lib/other.c
	@if [ -f $work/stop ]; then echo 'lib/other.c:1:2: error: stop'; exit 1; fi
	@mkdir -p \$(@D)
	@cp \$< \$@; [ ! -f $work/leak.object ] || sh $work/leak.object >>\$@
END
tarball 9.1.5
make=$(command -v make)
fake make "case \"\$*\" in *second*modules-vhdx*)
	echo \"\$LC_ALL,\$LANG \$TZ \$HOME \$USER \$LOGNAME \$(hostname) \$(umask)\" >$work/caller ;; esac
exec $make \"\$@\""
PATH=$work/bin:$PATH
unset CCACHE_DISABLE
second=build/9.1/second/in-a-folder-with-a-longer-name
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
verify() { run env J=2 make verify-reproducible; }

# ---- the same bytes
verify
is "$rc$err" 0 "a build that is reproducible"
like "$(tail -n 1 "$work/out")" "^verify-reproducible: 9.1.5-wsl3: the same twice, $(cd "$project/dist/9.1" &&
	sha256sum bzImage System.map modules.tar.gz modules.vhdx | sha256sum | cut -d ' ' -f 1)\$" "ends with one hash, of the four files"
ok "[ ! -e '$project/build/9.1/second' ]" "the copy is removed"
is "$(cat "$work/builds")" "$project/build/9.1/obj CCACHE_DISABLE= -j2
$project/$second/build/9.1/obj CCACHE_DISABLE=1 -j3" "there were two builds: another folder, another number of jobs, no ccache in the second"
read -r locale zone home user logname host umask <"$work/caller"
is "$zone $home $user $logname $umask" "XXX-13:45 $project/$second/home another another 0077" "another time zone, home, user and umask"
like "$locale" '^([a-z][a-z]_.*|C\.[Uu][Tt][Ff]-?8),' "another locale than C"
if unshare -u true 2>/dev/null || unshare -Uru true 2>/dev/null; then
	is "$host" another-host "another host name"
else
	is "$host" "$(hostname)" "the host name of this machine, which permits no other"
fi
ok "[ \"$(hostname)\" != another-host ]" "this machine keeps its own"

# ---- differences; the first build has none of them
cat >"$work/leak.object" <<'EOT'
pwd
EOT
fake diffoscope "printf '%s\n' \"\$3 \$4\" >\"\$2\""
: >"$work/builds"
verify
is "$(cut -d ' ' -f 1 "$work/builds")" "$project/$second/build/9.1/obj" "once more: the first build is not built again"
like "$rc $err" '^2 verify-reproducible: error: linux 9.1.5: two builds differ in: bzImage$' "red: an object with the path of its build"
like "$err" '^  the first object that differs: lib/other\.o$' "which is named"
like "$err" "^  only in the other:  .*/in-a-folder-with-a-longer-name/" "with the path"
like "$err" '^  what diffoscope says of it: build/9.1/log/diffoscope.txt$' "diffoscope is run"
is "$(cat "$project/build/9.1/log/diffoscope.txt")" "$project/build/9.1/obj/lib/other.o $project/$second/build/9.1/obj/lib/other.o" "on that object"
mv "$work/leak.object" "$work/leak.modules"
rm "$work/bin/diffoscope"
verify
like "$err" '^verify-reproducible: error: linux 9.1.5: two builds differ in: modules.tar.gz modules.vhdx$' "red: the archive of modules, and the disk made of it"
like "$err" '^  no object differs: what packs them does$' "with the same objects"

# ---- no comparison
: >"$work/stop"
verify
like "$err" '^verify-reproducible: error: linux 9.1.5: the second build failed$' "red: a second build that fails"
rm "$project/dist/9.1/modules.vhdx"
run scripts/kernel/verify-reproducible.sh
like "$rc $err" '^1 verify-reproducible: error: dist/9.1/modules.vhdx: does not exist$' "no first build"
