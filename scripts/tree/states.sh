# shellcheck shell=sh
# The states of a file: in the release, in the tree, after each patch of the queue. A state is
# type, content and execute bit. Sourced by push.sh; reads $files $scratch $list, and the current
# directory is the tree.

# backups DIR FILE - the states of FILE that quilt keeps below DIR
backups() { find "$1" ! -type d -path "*/$2" 2>/dev/null || :; }

# there FILE - is it a file or a link, whatever that points to?
there() { [ -f "$1" ] || [ -L "$1" ]; }

# same FILE FILE - have they the same type, content and execute bit?
same() {
	if [ -L "$1" ] || [ -L "$2" ]; then
		[ -L "$1" ] && [ -L "$2" ] && [ "$(readlink "$1")" = "$(readlink "$2")" ]
	else
		cmp -s "$1" "$2" && [ "$(find "$1" "$2" -prune -perm -u+x | wc -l)" != 1 ]
	fi
}

# is_release FILE MODE HASH - is it what .queue/release has?
is_release() {
	case $2 in
	12*) [ -L "$1" ] && [ "$(printf %s "$(readlink "$1")" | sha256sum)" = "$3  -" ] ;;
	*) [ -f "$1" ] && [ ! -L "$1" ] && [ "$(sha256 "$1")" = "$3" ] ;;
	esac
}

# copy_release - the files as the release has them to the scratch directory, and to
# .queue/pristine, from wherever they are
copy_release() {
	# MODE HASH PATH
	printf '%s\n' "$files" |
		awk 'NR == FNR { if (NF) want[$1]; next } $7 in want { print $1, $6, $7 }' - .queue/release >"$list"
	while read -r mode hash file; do
		for copy in ".queue/pristine/$file" "$file" $(backups .pc "$file") ''; do
			[ "$copy" ] && is_release "$copy" "$mode" "$hash" && break
		done
		[ "$copy" ] || die "build/$tree_name/src/$file" "the release's copy of it is lost" \
			"make clean LTS=$LTS$gpu, then make prepare LTS=$LTS$gpu make a new tree"
		mkdir -p "$scratch/$(dirname "$file")" ".queue/pristine/$(dirname "$file")"
		cp -pP "$copy" "$scratch/$file"
		# a patch or the user may have changed it
		case $mode in 100100) chmod a+x "$scratch/$file" ;; 100000) chmod a-x "$scratch/$file" ;; esac
		[ "$copy" = ".queue/pristine/$file" ] || cp -pP "$scratch/$file" ".queue/pristine/$file"
	done <"$list"
}

# known_content FILE - is its content that of the release, the queue or a patch in between?
known_content() {
	for known in "$scratch/$1" ".queue/pristine/$1" \
		$(backups "$scratch/.pc" "$1") $(backups .pc "$1"); do
		if there "$1"; then
			same "$1" "$known" && return 0
		elif [ ! -s "$known" ] && [ ! -L "$known" ]; then
			return 0
		fi
	done
	return 1
}

# in_release FILE
in_release() { awk -v f="$1" '$7 == f { found = 1 } END { exit !found }' .queue/release; }
