# shellcheck shell=sh
# Begin a rebase, sourced by rebase.sh: check the request and make the state directory. Reads
# $asked $here $update $open $synopsis $tree $state $patches, and FROM SOURCE SHA256 QUICK
# FORCE of the environment.

# begin_rebase - make $state, or die with nothing changed. STATE then has
#   from      the line whose queue is ported       queue/   that queue
#   given     "ADDRESS sha256:DIGEST" of SOURCE=   solved/  patches/solved/<line>
#   tree      TREE=                                update, force, quick   flags
begin_rebase() {
	case $asked in
	'' | *.*.* | [!0-9]*) usage "$synopsis" ;;
	*.*) ;;
	*) usage "$synopsis" ;;
	esac
	if [ -z "$update${FORCE:-}" ]; then
		[ "$LTS" != "$(active)" ] || usage "LTS=$LTS is the active line;" \
			"make update moves it to its newest release ($synopsis)"
		if [ -f "$patches/series" ]; then
			activate_line
			exit 0
		fi
	fi
	from=$LTS
	[ "$update" ] || from=${FROM:-$(nearest_line)}
	[ -f "$root/patches/$from/series" ] || die "FROM=$from" "has no queue" \
		"lines with a queue: $(lines_with_queue | tr '\n' ' ')"
	check_given
	check_clean
	# external patches are part of the queue
	LTS=$from "$root/scripts/queue/links.sh"
	"$root/scripts/rebase/line-facts.sh" "$LTS"
	new=$root/build/rebase/.new
	rm -rf "$new"
	mkdir "$new"
	echo "$from" >"$new/from"
	[ -z "${SOURCE:-}" ] || echo "$SOURCE sha256:$SHA256" >"$new/given"
	[ -z "$update" ] || : >"$new/update"
	[ -z "${FORCE:-}" ] || : >"$new/force"
	[ -z "${QUICK:-}" ] || : >"$new/quick"
	[ -z "$tree" ] || echo "$tree" >"$new/tree"
	cp -R "$root/patches/$from" "$new/queue"
	[ ! -d "$root/patches/solved/$LTS" ] || cp -R "$root/patches/solved/$LTS" "$new/solved"
	mv "$new" "$state"
	say "linux $LTS from the queue of $from"
}

# lines_with_queue - the pinned lines with a queue, a line each
lines_with_queue() {
	for one in $(lines); do [ ! -f "$root/patches/$one/series" ] || echo "$one"; done
}

# nearest_line - the line with a queue next below LTS, else next above: the fewest
# changes lie between. The active line may be much older.
nearest_line() {
	{
		lines_with_queue | grep -vxF "$LTS" || :
		echo "$LTS"
	} | sort -V | awk -v line="$LTS" '
		$0 != line { nearest = $0 }
		$0 == line { passed = 1 }
		passed && nearest != "" { exit }
		END { print nearest }'
}

# check_given - SOURCE= and SHA256= are both given and valid, or neither is; a file in SOURCE
# becomes an absolute file: address
check_given() {
	[ "${SOURCE:-}${SHA256:-}" ] || return 0
	[ "${SOURCE:-}" ] && hex 64 "${SHA256:-}" ||
		usage "SOURCE=file-or-URL-or-debian:path and SHA256=64 hex digits go together"
	case $SOURCE in
	debian:* | http://* | https://* | file:*) ;;
	/*) SOURCE=file:$SOURCE ;;
	*) SOURCE=file:$here/$SOURCE ;;
	esac
}

# check_clean - die unless everything that a rebase overwrites is committed, and the trees of
# both lines have no change that no patch contains
check_clean() {
	if in_git; then
		dirt=$(git -C "$root" status --porcelain -- patches config upstream.lock series)
		[ -z "$dirt" ] || die "patches, config, upstream.lock" "have uncommitted changes:" \
			"$(echo "$dirt" | head -n 5)" \
			"commit them, or git stash: the result of the rebase would be mixed with them"
	else
		warn "$root" "is not a git repository: changes in patches/ and config/ cannot be detected"
	fi
	for one in "$from" "$LTS"; do
		(LTS=$one DEBUG='' "$root/scripts/clean.sh" check)
	done
}

# activate_line - make LTS, which has a queue, the active line, once the queue pushes
activate_line() {
	[ -z "$open" ] || die "LTS=$LTS" "a rebase to ${open##*/} is open" \
		"make rebase CONTINUE=1 or ABORT=1"
	dirt=$(git -C "$root" status --porcelain -- series 2>/dev/null) || :
	[ -z "$dirt" ] || die series "has an uncommitted change" "commit it, or git checkout series"
	"$root/scripts/tree/prepare.sh"
	ln -s "patches/$LTS/series" "$root/series~"
	mv -T "$root/series~" "$root/series"
	say "$LTS is the active line: patches/ already has its queue, and it pushes;" \
		"FORCE=1 ports it again"
}
