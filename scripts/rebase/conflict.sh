# shellcheck shell=sh
# What is done about a conflict, sourced by port-queue.sh: solve it where lines only touch
# (woven) or where a person has solved it once (as_before); else stop, tell it (stuck)
# and take up what became of it (mended). STATE/stuck lists what is in the way, a line
# each: "marked|deleted|rejected|missing FILE" or "option FILE SYMBOL SUCCESSOR|-"; tag
# `conflict` is the state that the person was given.

# woven - solve what is a conflict only because lines touch; false when something is
# left for a person. $where is where it did
woven() {
	where=
	for file in $(g diff --name-only --diff-filter=U | sort -u); do
		[ -f "$scratch/$file" ] || continue
		awk -v count="$tmp/count" -f "$root/scripts/rebase/merge-additions.awk" "$scratch/$file" >"$tmp/woven"
		cat "$tmp/woven" >"$scratch/$file"
		[ "$(cat "$tmp/count")" = 0 ] || where="$where${where:+, }$file"
		# one that was deleted has no marks, and stays with the person
		g ls-files -u -- "$file" | grep -q ' 2	' || continue
		grep -q '^<<<<<<< ' "$scratch/$file" || g add -f "$file"
	done
	[ -z "$(g ls-files -u)" ]
}

# as_before PATCH - solve it as it was solved once: patches/solved/LINE/PATCH has the
# difference from the conflict to what somebody made of it; false when it does not fit
as_before() {
	solution=$state/solved/$1
	[ -f "$solution" ] || return 1
	rm -rf "$tmp/trial"
	mkdir -p "$tmp/trial"
	sed -n 's|^--- a/||p' "$solution" >"$tmp/names"
	while read -r file; do
		mkdir -p "$tmp/trial/$(dirname "$file")"
		[ ! -f "$scratch/$file" ] || cp "$scratch/$file" "$tmp/trial/$file"
	done <"$tmp/names"
	patch -p1 -d "$tmp/trial" -s -f -F0 --no-backup-if-mismatch <"$solution" >"$tmp/log" 2>&1 || return 1
	g ls-files -u | cut -f2 | sort -u >"$tmp/stuck"
	while read -r file; do
		! grep -qsE '^(<<<<<<<|>>>>>>>) ' "$tmp/trial/$file" || return 1
	done <"$tmp/stuck"
	while read -r file; do
		if [ -f "$tmp/trial/$file" ]; then cat "$tmp/trial/$file" >"$scratch/$file"; else rm -f "$scratch/$file"; fi
	done <"$tmp/names"
	mkdir -p "$(dirname "$state/solutions/$1")"
	cp "$solution" "$state/solutions/$1"
}

# now - the state of the folder as a tree of git, whatever is unmerged
now() {
	rm -f "$tmp/index"
	(
		export GIT_INDEX_FILE="$tmp/index"
		g read-tree HEAD
		g add -A -f .
		g write-tree
	)
}

# stuck N PATCH - tell what is in the way, and wait
stuck() {
	g ls-files -u | awk -F '\t' '{ split($1, f, " "); if (!($2 in has)) order[++n] = $2; has[$2] = has[$2] f[3] }
		END { for (i = 1; i <= n; i++) print (has[order[i]] !~ /2/ ? "deleted" : "marked"), order[i] }' >"$state/stuck"
	find "$scratch" -name '*.rej' | sed "s|^$scratch/|rejected |" >>"$state/stuck"
	cat "$state/options" >>"$state/stuck" 2>/dev/null || :
	# patch(1) passes over a file that is not there
	[ "$three" ] || sed -n 's|^--- a/\([^	]*\).*|\1|p' "$patches/$2" | while read -r file; do
		[ -e "$scratch/$file" ] || echo "missing $file"
	done >>"$state/stuck"
	g update-ref refs/tags/conflict "$(now)"
	echo "$1" >"$state/conflict.new"
	mv "$state/conflict.new" "$state/conflict"
	printf '%s %s\t%s\n' conflict "$2" "" >"$tmp/row"
	"$root/scripts/rebase/print-rows.sh" "$tmp/row"
	told "$2"
}
told() {
	set -- "$1"
	while read -r kind file option place; do
		case $kind in
		option) set -- "$@" "$file: CONFIG_$option is gone$([ "$place" = - ] || echo ", CONFIG_$place has its prompt")" ;;
		deleted) set -- "$@" "$file: deleted in $target, or moved where git does not see it" ;;
		marked) set -- "$@" "$file: $(grep -c '^<<<<<<< ' "$scratch/$file") conflicts, marked <<<<<<< ||||||| ======= >>>>>>>" ;;
		missing) set -- "$@" "$file: is not in $target" ;;
		rejected) set -- "$@" "$file: what patch(1) found no place for" ;;
		esac
	done <"$state/stuck"
	patch=$1
	shift
	printf '%s: error: %s: conflicts with linux %s:\n' rebase "$patch" "$target" >&2
	for text; do printf '  %s\n' "$text" >&2; done
	printf '  %s\n' "mend the files in ${scratch#"$root"/}, then make rebase CONTINUE=1 (docs/rebase.md shows one)" \
		"SKIP=1 leaves the patch out, ABORT=1 gives it all up; nothing of the present lines has changed" >&2
	exit 3
}

# mended N PATCH - take what somebody made of a conflict, or say what is left of it
mended() {
	while read -r kind file; do
		case $kind in
		deleted) [ ! -e "$scratch/$file" ] || left="${left:+$left, }$file is still there; remove it, the release has no such file" ;;
		rejected) [ ! -e "$scratch/$file" ] || left="${left:+$left, }$file is still there" ;;
		esac
	done <"$state/stuck"
	marked=$(cd "$scratch" && cut -d' ' -f2 "$state/stuck" | xargs -r grep -lsE '^(<<<<<<<|\|\|\|\|\|\|\||>>>>>>>)( |$)' | tr '\n' ' ') || :
	[ -z "$marked" ] || left="${left:+$left, }conflict markers in $marked"
	[ -z "$left" ] || die "$2" "its conflict is not solved: $left" \
		"mend it in ${scratch#"$root"/} and run make rebase CONTINUE=1 again, or SKIP=1"
	mkdir -p "$(dirname "$state/solutions/$2")"
	g diff --no-renames refs/tags/conflict "$(now)" | sed '/^diff --git /d; /^index /d' >"$state/solutions/$2"
	originals
	taken "$1" "by hand" "$2" ""
}

# originals - a file that somebody brought from the new release is the release's, with
# what was changed in it: the release's own comes below the patch
originals() {
	g ls-files -o | grep -v '\.orig$' >"$tmp/brought" || return 0
	sed 's|^|*/|' "$tmp/brought" >"$tmp/wanted"
	mkdir -p "$tmp/original"
	tar -xf "$(cat "$state/new")" -C "$tmp/original" --strip-components=1 --no-same-owner --wildcards \
		--no-wildcards-match-slash -T "$tmp/wanted" 2>/dev/null || :
	[ "$(ls -A "$tmp/original")" ] || return 0
	cp -R "$tmp/original/." "$state/new.files"
	(cd "$tmp/original" && find . -type f | sed 's|^\./||') >>"$state/candidates"
	GIT_INDEX_FILE=$tmp/index
	export GIT_INDEX_FILE
	g read-tree "refs/tags/new/$((n - 1))"
	(cd "$tmp/original" && find . -type f | sed 's|^\./||' | git --git-dir="$scratch/.git" --work-tree=. update-index --add --stdin)
	with=$(g write-tree)
	unset GIT_INDEX_FILE
	commit "new/$((n - 1))" "$with"
}
