#!/bin/sh
# push.sh push|check EDITS - bring build/<line>/src to the queue as patches/
# has it now. The queue is pushed in a scratch folder that holds only the files
# it touches, in the state of the release; what comes out is then installed
# file by file, and .pc with it. A run that is cut off leaves each file in a
# state the next run knows.
# EDITS: what treestate says of src ("M path" a line). An edit is safe to write
# over when the content is the release's, the queue's, or that of any prefix of
# it (quilt pop); anything else is somebody's work: exit 1, nothing changed.
# check only looks. Called by prepare.sh, which holds the lock.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/disk.sh"
[ $# = 2 ] || usage "push.sh push|check EDITS"
unset QUILT_PATCHES QUILT_SERIES QUILT_PC QUILT_PATCH_OPTS
mind_room
treestate=$(tool treestate)
log=$build_dir/log/push.log
scratch=$build_dir/push
rm -rf "$scratch"
mkdir -p "$scratch/.pc" "$build_dir/log"
cd "$src"

# the files that the series touches, that earlier runs or quilt touched
touched=$build_dir/log/push.files
: >"$touched"
for patch in $(queue); do
	grep -qE '^(\+\+\+|diff --git) ' "$patches/$patch" || continue
	# of a move git tells the new name alone
	sed -n 's/^\(rename\|copy\) from \([^ ]*\)$/-\t-\t\2/p' "$patches/$patch" >>"$touched"
	GIT_DIR=/nonexistent git apply --numstat -p1 "$patches/$patch" >>"$touched" 2>"$log" ||
		die "patches/$LTS/$patch" "is damaged" "git says: $(tail -n 1 "$log")"
done
files=$({
	cut -f3 "$touched"
	[ ! -d .queue/pristine ] || (cd .queue/pristine && find . -type f)
	[ ! -f .pc/applied-patches ] || while read -r patch; do
		(cd ".pc/$patch" && find . -type f ! -name .timestamp)
	done <.pc/applied-patches
} | sed 's|^\./||' | sort -u)

# what the release has of them: HASH PATH
printf '%s\n' "$files" | awk 'NR == FNR { if (NF) want[$1]; next } $7 in want { print $6, $7 }' \
	- .queue/release >"$touched"

# backups DIR FILE - every state of FILE that quilt keeps below DIR
backups() { find "$1" -type f -path "*/$2" 2>/dev/null || :; }

while read -r hash file; do
	for copy in ".queue/pristine/$file" "$file" $(backups .pc "$file") ''; do
		[ -f "$copy" ] && [ "$(sha256 "$copy")" = "$hash" ] && break
	done
	[ "$copy" ] || die "build/$LTS/src/$file" "the release's copy of it is lost" \
		"make clean LTS=$LTS, then make prepare LTS=$LTS make the tree anew"
	mkdir -p "$scratch/$(dirname "$file")" ".queue/pristine/$(dirname "$file")"
	cp -p "$copy" "$scratch/$file"
	[ "$copy" = ".queue/pristine/$file" ] || cp -p "$copy" ".queue/pristine/$file"
done <"$touched"

# the relative path lets the whole project be moved
echo "../../../patches/$LTS" >"$scratch/.pc/.quilt_patches"
echo series >"$scratch/.pc/.quilt_series"
echo 2 >"$scratch/.pc/.version"
: >"$scratch/.pc/applied-patches"
if [ "$(queue)" ]; then
	(cd "$scratch" && quilt --quiltrc - push -a --fuzz=0) >"$log" 2>&1 ||
		die "patches/$LTS/$(sed -n 's/^Applying patch //p' "$log" | tail -n 1 | sed "s|.*patches/$LTS/||")" \
			"does not apply to $LTS without fuzz" \
			"$(grep -E 'FAILED|find file|malformed|exists|ignored' "$log" | head -n 1)" \
			"mend it, or take it out of patches/$LTS/series; build/$LTS/log/push.log has it all; the tree is as it was"
	queue | cmp -s - "$scratch/.pc/applied-patches" ||
		die "patches/$LTS/series" "quilt did not push all of it" "build/$LTS/log/push.log has quilt's words"
fi

# ours FILE - is its content one that the queue or the release accounts for?
ours() {
	for known in "$scratch/$1" ".queue/pristine/$1" $(backups "$scratch/.pc" "$1") $(backups .pc "$1"); do
		if [ -f "$1" ]; then
			cmp -s "$1" "$known" && return 0
		elif [ ! -s "$known" ]; then
			return 0
		fi
	done
	return 1
}

# gone HOW FILE - was it taken away by a run that was cut off? What was recorded
# and is not the release's was an earlier queue's
gone() { [ "$1" = D ] && ! awk -v f="$2" '$7 == f { found = 1 } END { exit !found }' .queue/release; }

foreign=$(printf '%s\n' "$2" | while read -r how file; do
	[ -z "$file" ] || { printf '%s\n' "$files" | grep -qxF -- "$file" && ours "$file"; } ||
		gone "$how" "$file" || printf '%s ' "$file"
done)
[ -z "$foreign" ] || die "build/$LTS/src" "has edits that are in no patch yet: $(echo "$foreign" | cut -c1-200)" \
	"nothing was changed; keep them: cd build/$LTS/src && quilt refresh" \
	"(a file that the top patch does not have yet: quilt add it before you edit, or quilt fold < your.diff)" \
	"drop them: make clean FORCE=1 LTS=$LTS, and the tree is made anew"
[ "$1" = push ] || exit 0

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
"$treestate" record . .queue/index
say "the queue is pushed: $(queue | wc -l) patches of patches/$LTS"
