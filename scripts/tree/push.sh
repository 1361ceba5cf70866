#!/bin/sh
# push.sh push|check CHANGES - update build/<line>/src to the queue in patches/. The queue
# is pushed in a scratch directory that holds only the files it touches, as the release
# has them; the result is then installed file by file, and .pc with it. An interrupted
# run leaves each file in a state that the next run knows.
# CHANGES: what treestate prints about src, "M path" a line. A changed file may be
# overwritten when its content is that of the release, of the queue or of the queue up to
# some patch (quilt pop). Anything else is unsaved work: exit 1, nothing is changed.
# check only looks. Called by prepare.sh, which holds the lock.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/disk.sh"
[ $# = 2 ] || usage "push.sh push|check CHANGES"

# patched_files - the files that the series touches, and those that earlier runs or quilt did
patched_files() {
	for patch in $(queue); do
		grep -qE '^(\+\+\+|diff --git) ' "$patches/$patch" || continue
		# of a rename git prints only the new name
		sed -n 's/^\(rename\|copy\) from \([^ ]*\)$/-\t-\t\2/p' "$patches/$patch"
		GIT_DIR=/nonexistent git apply --numstat -p1 "$patches/$patch" 2>"$log" ||
			die "patches/$LTS/$patch" "is damaged" "git says: $(tail -n 1 "$log")"
	done >"$list"
	{
		cut -f3 "$list"
		[ ! -d .queue/pristine ] || (cd .queue/pristine && find . -type f)
		[ ! -f .pc/applied-patches ] || while read -r patch; do
			(cd ".pc/$patch" && find . -type f ! -name .timestamp)
		done <.pc/applied-patches
	} | sed 's|^\./||' | sort -u
}

# backups DIR FILE - the states of FILE that quilt keeps below DIR
backups() { find "$1" -type f -path "*/$2" 2>/dev/null || :; }

# copy_release - the files as the release has them to the scratch directory, and to
# .queue/pristine, from wherever they are
copy_release() {
	# HASH PATH
	printf '%s\n' "$files" |
		awk 'NR == FNR { if (NF) want[$1]; next } $7 in want { print $6, $7 }' - .queue/release >"$list"
	while read -r hash file; do
		for copy in ".queue/pristine/$file" "$file" $(backups .pc "$file") ''; do
			[ -f "$copy" ] && [ "$(sha256 "$copy")" = "$hash" ] && break
		done
		[ "$copy" ] || die "build/$tree_name/src/$file" "the release's copy of it is lost" \
			"make clean LTS=$LTS$gpu, then make prepare LTS=$LTS$gpu make a new tree"
		mkdir -p "$scratch/$(dirname "$file")" ".queue/pristine/$(dirname "$file")"
		cp -p "$copy" "$scratch/$file"
		[ "$copy" = ".queue/pristine/$file" ] || cp -p "$copy" ".queue/pristine/$file"
	done <"$list"
}

# push_scratch - the queue, in the scratch directory
push_scratch() {
	# a relative path, so that the whole project can be moved
	echo "../../../patches/$LTS" >"$scratch/.pc/.quilt_patches"
	echo series >"$scratch/.pc/.quilt_series"
	# quilt reads one series, and one in .pc before that in patches/
	[ -z "$gpu" ] || queue >"$scratch/.pc/series"
	echo 2 >"$scratch/.pc/.version"
	: >"$scratch/.pc/applied-patches"
	[ "$(queue)" ] || return 0
	if ! (cd "$scratch" && quilt --quiltrc - push -a --fuzz=0) >"$log" 2>&1; then
		failed=$(sed -n 's/^Applying patch //p' "$log" | tail -n 1 | sed "s|.*patches/$LTS/||")
		die "patches/$LTS/$failed" "does not apply to $LTS without fuzz" \
			"$(grep -E 'FAILED|find file|malformed|exists|ignored' "$log" | head -n 1)" \
			"fix it, or remove it from patches/$LTS/series; the tree is unchanged" \
			"the whole log is build/$tree_name/log/push.log"
	fi
	queue | cmp -s - "$scratch/.pc/applied-patches" || die "patches/$LTS/series" \
		"quilt did not push all of it" "quilt's output is build/$tree_name/log/push.log"
}

# known_content FILE - is its content that of the release, the queue or a patch in between?
known_content() {
	for known in "$scratch/$1" ".queue/pristine/$1" \
		$(backups "$scratch/.pc" "$1") $(backups .pc "$1"); do
		if [ -f "$1" ]; then
			cmp -s "$1" "$known" && return 0
		elif [ ! -s "$known" ]; then
			return 0
		fi
	done
	return 1
}

# in_release FILE
in_release() { awk -v f="$1" '$7 == f { found = 1 } END { exit !found }' .queue/release; }

# unsaved_changes - the files of CHANGES, from standard input, that no patch accounts for
unsaved_changes() {
	while read -r how file; do
		[ "$file" ] || continue
		! printf '%s\n' "$files" | grep -qxF -- "$file" || ! known_content "$file" || continue
		# missing, and not of the release: an interrupted run removed a file of an earlier queue
		[ "$how" != D ] || in_release "$file" || continue
		printf '%s ' "$file"
	done
}

# install_files - copy the result to the tree. $files is split at blanks: no kernel file name
# has one.
install_files() {
	for file in $files; do
		if [ ! -f "$scratch/$file" ]; then
			rm -f "$file"
		elif ! cmp -s "$scratch/$file" "$file"; then
			mkdir -p "$(dirname "$file")"
			cp "$scratch/$file" "$file.new~"
			chmod --reference="$scratch/$file" "$file.new~"
			mv "$file.new~" "$file"
		fi
	done
	rm -rf .queue/pc.old
	[ ! -d .pc ] || mv .pc .queue/pc.old
	mv "$scratch/.pc" .pc
	rm -rf .queue/pc.old "$scratch"
	[ -z "$gpu" ] || cp .pc/series .queue/series
	"$treestate" record . .queue/index
}

watch_disk
treestate=$(tool treestate)
log=$build_dir/log/push.log list=$build_dir/log/push.files
scratch=$build_dir/push
rm -rf "$scratch"
mkdir -p "$scratch/.pc" "$build_dir/log"
cd "$src"
new=$(unlisted)
[ -z "$new" ] || die "build/$tree_name/src" "has a patch that no series lists: $new" \
	"nothing was changed; add it to patches/$LTS/series.gpu, where it is to be pushed"
files=$(patched_files)
copy_release
push_scratch
unsaved=$(printf '%s\n' "$2" | unsaved_changes)
[ -z "$unsaved" ] || die "build/$tree_name/src" \
	"has changes that no patch contains (run quilt refresh): $(echo "$unsaved" | cut -c1-200)" \
	"nothing was changed; keep them: cd build/$tree_name/src && quilt refresh" \
	"(a file that the top patch does not have: quilt add before the edit, or quilt fold <your.diff)" \
	"drop them: make clean FORCE=1 LTS=$LTS$gpu, then make prepare LTS=$LTS$gpu"
[ "$1" = push ] || exit 0
install_files
say "the queue is pushed: $(queue | wc -l) patches of patches/$LTS"
