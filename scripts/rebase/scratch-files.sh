# shellcheck shell=sh
# The files of the two releases that a rebase needs, sourced by scratch.sh. Reads $state
# $tmp $patches $from $old_tarball $new_tarball and TREE.

# list_touched - write $tmp/touched, the files that the queue touches, and $tmp/dirs, their
# directories
list_touched() {
	for patch in $(queue); do
		# one that a port left empty is dropped later
		! grep -qE '^(\+\+\+|diff --git) ' "$patches/$patch" || patch_names "$patch" "$from"
	done >"$tmp/names"
	sort -u "$tmp/names" >"$tmp/touched"
	sed 's|^|./|; s|/[^/]*$||; s|^\./||' "$tmp/touched" | sort -u >"$tmp/dirs"
}

# extract TARBALL DIR LIST - unpack the names in LIST (tar -T); some may be missing
extract() {
	tar -xf "$1" -C "$2" --strip-components=1 --no-same-owner -T "$3" 2>"$2.log" ||
		grep -q 'Not found in archive' "$2.log"
}

# list_wanted - for tar -T: the touched directories, and what kconfig is built from and reads.
# The names are patterns, in which * matches no / but for Kconfig's.
list_wanted() {
	printf '%s\n' --no-recursion --wildcards --wildcards-match-slash '*/Kconfig*' \
		--no-wildcards-match-slash '*/Makefile' '*/arch/x86/Makefile*' '*/scripts/*' \
		'*/scripts/basic/*' '*/scripts/include/*' '*/scripts/kconfig/*'
	sed 's|^\.$|*|; s|.*|*/&/*|; s|^\*/\*/\*$|*/*|' "$tmp/dirs"
}

# copy_tree - the files of TREE into STATE/old.files
copy_tree() (
	cd "$TREE" || exit
	while read -r dir; do
		find "$dir" -maxdepth 1 -type f ! -name '.*' -exec cp -p --parents -t "$state/old.files" {} +
	done <"$tmp/dirs"
	find . -name 'Kconfig*' ! -path './.*' -type f -exec cp -p --parents -t "$state/old.files" {} +
)

# extract_releases - fill STATE/{old,new}.files, in parallel, as xz takes most of the time
extract_releases() {
	list_wanted >"$tmp/wanted"
	extract "$new_tarball" "$state/new.files" "$tmp/wanted" &
	if [ "$old_tarball" ]; then
		extract "$old_tarball" "$state/old.files" "$tmp/wanted"
	elif [ "${TREE:-}" ]; then
		copy_tree
	fi
	wait $! || die "$new_tarball" "cannot be unpacked" "$(tail -n 1 "$state/new.files.log")"
	[ -f "$state/new.files/Makefile" ] || die "$new_tarball" "is not a kernel: it has no Makefile" \
		"give the tarball of a release"
}

# list_files TARBALL - the names of its files, sorted
list_files() { tar -tf "$1" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | sort; }

# find_moved - for the touched files that the new release lacks, extract those of its files
# that they may have been moved to; STATE/candidates names these
find_moved() {
	: >"$state/candidates"
	while read -r file; do
		[ -f "$state/new.files/$file" ] || [ ! -f "$state/old.files/$file" ] || echo "$file"
	done <"$tmp/touched" >"$tmp/gone"
	[ -s "$tmp/gone" ] || return 0
	list_files "$new_tarball" >"$tmp/new.list" &
	if [ "$old_tarball" ]; then
		list_files "$old_tarball" >"$tmp/old.list"
	else
		(cd "$TREE" && find . -type f | sed 's|^\./||' | sort) >"$tmp/old.list"
	fi
	wait $!
	comm -13 "$tmp/old.list" "$tmp/new.list" |
		awk -f "$root/scripts/rebase/moved-files.awk" "$tmp/gone" - >"$state/candidates"
	[ -s "$state/candidates" ] || return 0
	{
		printf '%s\n' --no-recursion --wildcards --no-wildcards-match-slash
		sed 's|^|*/|' "$state/candidates"
	} >"$tmp/wanted"
	extract "$new_tarball" "$state/new.files" "$tmp/wanted"
}
