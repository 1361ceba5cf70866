#!/bin/sh
# Does the line's build give the same bytes again? Builds it a second time and compares bzImage,
# System.map, modules.tar.gz and modules.vhdx with those of dist/<line>. The second build runs
# in a copy of the project below build/<line>/second: a longer path, one job more, another
# locale, umask, time zone, home, user and host name, and no ccache, so that every file is
# compiled there. It takes as long as a first build, and 4 GB.
# Same: prints one hash, the sha256 of the list of theirs, and removes the copy. Different:
# names the first object that differs, with diffoscope's report in build/<line>/log if that is
# installed, and keeps the copy, which make clean removes.
# Exit 0 the same, 1 different or an error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/disk.sh"
[ $# = 0 ] || usage "LTS=x.y verify-reproducible.sh"
outputs="bzImage System.map modules.tar.gz modules.vhdx"
second=$build_dir/second/in-a-folder-with-a-longer-name

# copy_project - what a build reads, as $second, with the sources that are verified already
copy_project() {
	rm -rf "$build_dir/second"
	mkdir -p "$second/build" "$second/home"
	tar -C "$root" -cf - Makefile config keys patches scripts series tools upstream.lock |
		tar -C "$second" -xf -
	mkdir -p "$cache" "$root/build/tools"
	ln -s "$cache" "$root/build/tools" "$second/build"
}

# another_host - the command that runs one under another host name; nothing where the
# machine does not let us
another_host() {
	for unshare in "unshare -u" "unshare -Uru"; do
		# shellcheck disable=SC2086 # words
		! $unshare hostname another-host 2>/dev/null || { echo "$unshare"; return; }
	done
}

# elsewhere COMMAND... - run it as somebody else might, on another machine
elsewhere() {
	host=$(another_host)
	[ "$host" ] || warn "host name" "is the same in both builds: unshare is not permitted here"
	locale=$(locale -a 2>/dev/null | grep -vxE 'C|POSIX|C\..*' | head -n 1)
	umask 077
	# shellcheck disable=SC2086,SC2016 # words; the inner shell's
	env -u CCACHE_REMOTE_STORAGE -u TMPDIR CCACHE_DISABLE=1 \
		LC_ALL="${locale:-C.UTF-8}" LANG="${locale:-C.UTF-8}" TZ=XXX-13:45 \
		HOME="$second/home" USER=another LOGNAME=another J=$((${J:-$(nproc)} + 1)) EXTRA="$extra" \
		$host sh -c '[ $0 = same ] || hostname $0; exec "$@"' ${host:+another-host} ${host:-same} "$@"
}

# report - name what differs
report() {
	# shellcheck disable=SC2086 # a list
	set -- $different
	here=$dist/$1 there=$second/dist/$variant/$1
	if found=$("$root/scripts/kernel/first-difference.sh" "$obj" "$second/build/$variant/obj"); then
		file=$(printf '%s\n' "$found" | sed '1!d; s/, in its debug.*//')
		here=$obj/$file there=$second/build/$variant/obj/$file
		found="the first object that differs: $found"
	else
		found="no object differs: what packs them does"
	fi
	log=$build_dir/log/diffoscope.txt
	rm -f "$log"
	hint="diffoscope, if it is installed, says more"
	if command -v diffoscope >/dev/null; then
		diffoscope --text "$log" "$here" "$there" >/dev/null 2>&1 || :
		hint="what diffoscope says of it: ${log#"$root/"}"
	fi
	printf '%s\n' "$found" | die_list "linux $version" "two builds differ in:$different" \
		"$hint" "docs/reproducible.md has what makes builds differ" \
		"both are there: build/$variant and ${second#"$root/"}/build/$variant"
}

check_pin
need jq strings strip cmp
for name in $outputs; do
	[ -f "$dist/$name" ] || die "dist/$variant/$name" "does not exist" "run make modules-vhdx LTS=$LTS$gpu"
done
lock "build/$tree_name" "$root/build/$tree_name"
# the disk of LAYOUT=versioned has these as well
also=
if [ "${LAYOUT:-flat}" = versioned ]; then
	[ ! -f "$dist/linux-headers.tar.zst" ] || also=headers
	[ ! -f "$dist/perf" ] || also="$also perf"
fi
extra=
for file in ${EXTRA:-}; do
	case $file in /*) ;; *) file=$PWD/$file ;; esac
	extra="$extra $file"
done
watch_disk
release=$(jq -r .release "$dist/manifest.json")
log=$build_dir/log/second.log
mkdir -p "$build_dir/log"
copy_project
say "building $release again, in ${second#"$root/"}"
# shellcheck disable=SC2086 # a list
(elsewhere make -C "$second" $also modules-vhdx LTS="$LTS") >"$log" 2>&1 9>&- ||
	die "linux $version" "the second build failed" "$(grep -m 1 error: "$log")" "full log: ${log#"$root/"}"
grep warning: "$log" >&2 || :
different=
for name in $outputs; do
	cmp -s "$dist/$name" "$second/dist/$variant/$name" || different="$different $name"
done
[ -z "$different" ] || report
# shellcheck disable=SC2086 # a list
hash=$(cd "$dist" && sha256sum $outputs | sha256sum)
rm -rf "$build_dir/second"
say "$release: the same twice, ${hash%% *}"
