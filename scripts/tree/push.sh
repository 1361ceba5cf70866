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
. "$root/scripts/lib/patch.sh"
. "$root/scripts/lib/links-out.sh"
. "$root/scripts/lib/disk.sh"
. "$root/scripts/tree/states.sh"
[ $# = 2 ] || usage "push.sh push|check CHANGES"

# patched_files - the files that the series touches, and those that earlier runs or quilt did
patched_files() {
	for patch in $(queue); do
		patch_names "$patch"
		check_strip_level "$patch"
	done >"$list"
	{
		cat "$list"
		[ ! -d .queue/pristine ] || (cd .queue/pristine && find . ! -type d)
		[ ! -f .pc/applied-patches ] || while read -r patch; do
			(cd ".pc/$patch" && find . ! -type d ! -name .timestamp)
		done <.pc/applied-patches
	} | sed 's|^\./||' | sort -u
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
			"$(failure)" \
			"fix it, or remove it from patches/$LTS/series; the tree is unchanged" \
			"the whole log is build/$tree_name/log/push.log"
	fi
	queue | cmp -s - "$scratch/.pc/applied-patches" || die "patches/$LTS/series" \
		"quilt did not push all of it" "quilt's output is build/$tree_name/log/push.log"
	check_result
}

# failure - the line of quilt's output that says why
failure() {
	sed '/^Patch .* does not apply (enforce with -f)$/d; /^$/d' "$log" |
		awk '/FAILED|find file|malformed|exists|ignored|not supported|garbage|dangerous|Invalid/ && !said { said = $0 }
			{ last = $0 } END { print said ? said : last }'
}

# check_result - die if quilt has changed another file than git reads in the patch, or if a link
# leads out of the tree
check_result() {
	for patch in $(queue); do
		(cd "$scratch/.pc/$patch" && find . ! -type d ! -name .timestamp) | sed 's|^\./||' |
			while read -r file; do
				printf '%s\n' "$files" | grep -qxF -- "$file" || die "patches/$LTS/$patch" \
					"is read in two ways: patch changes $file, and git another file" \
					"the names in --- and +++ differ: quilt refresh -p ab in a tree with it writes them"
			done
	done
	out=$(outside_links "$scratch")
	out=${out%%	*}
	[ -z "$out" ] || die "patches/$LTS" "the queue makes $out a symbolic link out of the tree" \
		"a patch or an edit would change files elsewhere: remove it from the patch that adds it"
}

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
		! there "$file" || there "$scratch/$file" || {
			rm -f "$file"
			# as patch does
			case $file in */*) rmdir -p --ignore-fail-on-non-empty "${file%/*}" ;; esac
		}
	done
	for file in $files; do
		if there "$scratch/$file" && ! same "$scratch/$file" "$file"; then
			mkdir -p "$(dirname "$file")"
			cp -P "$scratch/$file" "$file.new~"
			[ -L "$file.new~" ] || chmod --reference="$scratch/$file" "$file.new~"
			mv -T "$file.new~" "$file"
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
