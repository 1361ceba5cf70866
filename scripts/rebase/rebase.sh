#!/bin/sh
# rebase.sh [update] - move the queue to another long-term line, or ("update") to another
# release of the same. One at a time; all of it happens in build/rebase/<line>, where
# project/ is a copy of this project that gets the new pin, queue and configuration and
# is built and booted; finish.sh brings them here in the last step.
#   LTS=x.y      the new line; one that patches/ has becomes the active one, no more
#   FROM=x.y     whose queue: else of the pinned line next below it, or next above
#   SOURCE= SHA256=   a release by hand: a file, a URL or debian:PATH, and its digest
#   CONTINUE=1 SKIP=1 ABORT=1   go on after a conflict or a kill, without the patch that
#                conflicts, or not at all
#   QUICK=1      neither build nor boot
#   FORCE=1      derive a line again that patches/ has, beside it, and show the difference
# Every step looks for what it has left, so a run that was cut off is gone on with.
# Exit 0 done, 1 error, 2 usage, 3 a conflict waits for a person.
asked=${LTS:-} here=$PWD
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/disk.sh"
update=${1:-}
case $update,$# in ,0 | update,1) ;; *) usage "LTS=x.y rebase.sh [update]" ;; esac
words="make rebase LTS=x.y [FROM=x.y] [SOURCE=... SHA256=...] [QUICK=1] [FORCE=1] | make rebase CONTINUE=1|SKIP=1|ABORT=1"
need git jq quilt patch
lock "a rebase" "$root/build/rebase"
open=$(find "$root/build/rebase" -mindepth 1 -maxdepth 1 -name '[0-9]*[0-9]' | head -n 1)
tree=${TREE:-}
unset TREE

# ---- begin: what is asked for, and is it sound?
begin() {
	case $asked in
	'' | *.*.* | [!0-9]*) usage "$words" ;;
	*.*) ;;
	*) usage "$words" ;;
	esac
	if [ -z "$update${FORCE:-}" ]; then
		[ "$LTS" != "$(active)" ] || usage "LTS=$LTS is the line that is active; make update moves it to its newest release" "($words)"
		[ ! -f "$patches/series" ] || activate
	fi
	from=$LTS
	[ "$update" ] || from=${FROM:-$(nearest)}
	[ -f "$root/patches/$from/series" ] || die "FROM=$from" "is no line with a queue" "lines with one: $(with_queue | tr '\n' ' ')"
	if [ "${SOURCE:-}${SHA256:-}" ]; then
		hex 64 "${SHA256:-}" || usage "SOURCE=file-or-URL-or-debian:path and SHA256=64 hex digits go together"
		case ${SOURCE:-} in
		'') usage "SOURCE=file-or-URL-or-debian:path and SHA256=64 hex digits go together" ;;
		debian:* | http://* | https://* | file:*) ;;
		/*) SOURCE=file:$SOURCE ;;
		*) SOURCE=file:$here/$SOURCE ;;
		esac
	fi
	clean_project
	# the patches of somebody else's belong to the queue
	[ ! -x "$root/scripts/queue/links.sh" ] || LTS=$from "$root/scripts/queue/links.sh"
	"$root/scripts/rebase/line-facts.sh" "$LTS"
	rm -rf "$root/build/rebase/.new"
	mkdir "$root/build/rebase/.new"
	cd "$root/build/rebase/.new"
	echo "$from" >from
	[ -z "${SOURCE:-}" ] || echo "$SOURCE sha256:$SHA256" >by-hand
	[ -z "$update" ] || : >update
	[ -z "${FORCE:-}" ] || : >force
	[ -z "${QUICK:-}" ] || : >quick
	[ -z "$tree" ] || echo "$tree" >tree
	cp -R "$root/patches/$from" queue
	[ ! -d "$root/patches/solved/$LTS" ] || cp -R "$root/patches/solved/$LTS" solved
	cd "$root"
	mv "$root/build/rebase/.new" "$state"
	say "linux $LTS from the queue of $from"
}

with_queue() { for one in $(lines); do [ ! -f "$root/patches/$one/series" ] || echo "$one"; done; }

# nearest - the line to derive from: what is new since is least from there. The active
# line may be much older.
nearest() {
	with_queue | grep -vxF "$LTS" | sort -V | awk -v l="$LTS" '
		function older(a, b,   x, y) { split(a, x, "."); split(b, y, "."); return x[1] != y[1] ? x[1] + 0 < y[1] + 0 : x[2] + 0 < y[2] + 0 }
		older($0, l) { below = $0 } !older($0, l) && above == "" { above = $0 }
		END { print below != "" ? below : above }'
}

# clean_project - what a rebase writes has no changes that git does not have, and the
# trees none that no patch has
clean_project() {
	if git -C "$root" rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		dirt=$(git -C "$root" status --porcelain -- patches config upstream.lock series)
		[ -z "$dirt" ] || die "patches, config, upstream.lock" "have changes that are not committed:" "$(echo "$dirt" | head -n 5)" \
			"commit them, or git stash: what the rebase writes would be mixed with them"
	else
		warn "$root" "is no git repository: whether patches/ and config/ are as they should be cannot be told"
	fi
	for one in "$from" "$LTS"; do
		(LTS=$one DEBUG='' "$root/scripts/clean.sh" check)
	done
}

# activate - the line is there: make it the active one, once its queue pushes
activate() {
	[ -z "$open" ] || die "LTS=$LTS" "a rebase to ${open##*/} is open" "make rebase CONTINUE=1 or ABORT=1"
	clean=$(git -C "$root" status --porcelain -- series 2>/dev/null) || :
	[ -z "$clean" ] || die series "has a change that is not committed" "commit it, or git checkout series"
	LTS=$LTS "$root/scripts/tree/prepare.sh"
	ln -s "patches/$LTS/series" "$root/series~"
	mv -T "$root/series~" "$root/series"
	say "$LTS is the active line: patches/ has had its queue, and it pushes; FORCE=1 would derive it again"
	exit 0
}

# ---- the steps
# copied - the project as it is, into the copy; its pins, patches and configuration once
copied() {
	mkdir -p "$project/build" "$cache"
	for part in Makefile scripts tools tests keys; do
		[ ! -e "$root/$part" ] || { rm -rf "${project:?}/$part" && cp -Rp "$root/$part" "$project"; }
	done
	for part in cache userland userland.ext4; do
		[ -e "$project/build/$part" ] || ln -sfn "../../../../$part" "$project/build/$part"
	done
	[ ! -f "$state/copied" ] || return 0
	rm -rf "$project/patches" "$project/config"
	cp -Rp "$root/patches" "$root/config" "$root/upstream.lock" "$project"
	ln -sfn "patches/$LTS/series" "$project/series"
	mkdir -p "$project/patches/$LTS"
	: >"$state/copied"
}

# pin VERSION RELEASED - write the line's section of the copy's upstream.lock
pin() {
	{
		printf '[line "%s"]\n\tversion = %s\n\treleased = %s\n' "$LTS" "$1" "$2"
		ends=$(awk -v l="$LTS" '$1 == l { print $2 }' "$root/scripts/rebase/lines.list")
		[ "$ends" ] || ends=$(git config -f "$lockfile" "line.$LTS.eol") || :
		[ -z "$ends" ] || printf '\teol = %s\n' "$ends"
		printf '\trevision = 1\n\tsigner = %s\n' "$(git config -f "$lockfile" "line.$from.signer")"
		awk -v v="$1" '$1 == v { sub(/^[^ ]* /, ""); print "\tsource = " $0 }' "$state/releases"
	} >"$state/pin"
	awk -v line="[line \"$LTS\"]" -v pin="$state/pin" '
		function put(text) { while ((getline text < pin) > 0) print text; done = 1 }
		/^\[/ {
			if ($0 == line) { printf "%s", held; held = ""; put(); skip = 1; next }
			if (/^\[link/ && !done) { print ""; put() }
			printf "%s", held; held = ""; skip = 0
		}
		# what stands between two sections belongs to the second
		/^#|^$/ { held = held $0 "\n"; next }
		!skip { printf "%s", held; held = ""; print }
		END { printf "%s", held; if (!done) { print ""; put() } }' "$lockfile" >"$project/upstream.lock.new"
	mv "$project/upstream.lock.new" "$project/upstream.lock"
}

# released - find the newest release that can be had and verified, and pin it
released() {
	[ ! -f "$state/new" ] || return 0
	if [ -f "$state/by-hand" ]; then
		version=$(sed 's/ sha256:.*//; s|.*/||' "$state/by-hand" | grep -oE "(^|[^0-9.])$(printf %s "$LTS" | sed 's/\./\\./g')\.[0-9]+" | sed 's/^[^0-9]//' | head -n 1) || :
		[ "$version" ] || die "SOURCE=$(cut -d' ' -f1 "$state/by-hand")" "does not name a release of $LTS" "its file is to have a name such as linux-$LTS.1.tar.xz"
		sed "s/^/$version /" "$state/by-hand" >"$state/releases"
	else
		"$root/scripts/rebase/newest.sh" "$LTS" >"$state/releases"
	fi
	for version in $(cut -d' ' -f1 "$state/releases" | uniq); do
		pin "$version" 2000-01-01
		if (cd "$project" && LTS=$LTS scripts/source/fetch.sh 2>"$state/fetch.log"); then
			tarball=$(cd "$project" && LTS=$LTS scripts/source/cached.sh)
			tarball=$cache/${tarball##*/}
			pin "$version" "$(tar --utc -tvf "$tarball" 2>/dev/null | awk '/^-/ { print $4; exit }')"
			echo "$version" >"$state/target"
			echo "$tarball" >"$state/new.now"
			mv "$state/new.now" "$state/new"
			return 0
		fi
		set --
		while IFS= read -r why; do set -- "$@" "${why#  }"; done <<-EOF
			$(grep -v -e 'no source gave' -e '^  set MIRROR=' -e '^  make quickstart' "$state/fetch.log")
		EOF
		[ ! -f "$state/update" ] || die "linux $version" "cannot be had, or is not what was signed:" "$@" \
			"nothing was changed; another release by hand: SOURCE= SHA256="
		# the last of the sources will do
		shift $(($# - 1))
		warn "linux $version" "cannot be had: $1"
	done
	die "linux $LTS" "no release of it could be had and verified" "$@" "nothing was changed; by hand: SOURCE= SHA256=, or MIRROR="
}

# old_release - where the release is that the queue was made for
old_release() {
	[ ! -f "$state/old" ] || return 0
	if [ -f "$state/tree" ]; then
		TREE=$(cat "$state/tree") LTS=$from "$root/scripts/tree/check-tree.sh"
		: >"$state/old"
	elif LTS=$from "$root/scripts/source/fetch.sh" 2>"$state/fetch.log"; then
		LTS=$from "$root/scripts/source/cached.sh" >"$state/old.new"
		mv "$state/old.new" "$state/old"
	else
		warn "linux $from" "cannot be had: no three-way merge without it, patches are placed with fuzz; TREE= takes a tree of it"
		: >"$state/old"
	fi
}

# carried - each patch, and the queue in the copy
carried() {
	[ -f "$state/carried" ] && return 0
	if [ ! -d "$state/scratch" ]; then
		rm -f "$state/conflict"
		TREE=$(cat "$state/tree" 2>/dev/null) || :
		export TREE
		LTS=$LTS "$root/scripts/rebase/scratch.sh" "$state"
		unset TREE
	fi
	rc=0
	LTS=$LTS "$root/scripts/rebase/port-queue.sh" "$state" "$1" || rc=$?
	[ $rc = 0 ] || exit $rc
	rm -rf "${project:?}/patches/$LTS"
	cp -R "$state/out" "$project/patches/$LTS"
	# a link that fits the new line is a link of it, too
	for patch in $(patches=$project/patches/$LTS && queue); do
		for has in $(git config -f "$project/upstream.lock" "link.$patch.lines" | sed 's/ /,/g'); do
			case ,$has, in *",$LTS,"*) ;; *) git config -f "$project/upstream.lock" "link.$patch.lines" "$(echo "$has,$LTS" | tr ',' ' ')" ;; esac
		done
	done
	: >"$state/carried"
}

# configured - the configuration, and what became of it
configured() {
	[ ! -f "$state/configured" ] || return 0
	LTS=$LTS "$root/scripts/rebase/port-config.sh" "$state" || die "the configuration of $LTS" "is not complete (above)" \
		"mend it in ${project#"$root"/}/config, then make rebase CONTINUE=1; ABORT=1 gives up"
	say "the configuration: $(grep -c '^gone' "$state/config.report") options gone, $(grep -c '^renamed' "$state/config.report") renamed, $(grep -c '^new' "$state/config.report") new by default"
	grep -v '^new' "$state/config.report" | sed 's/^/  /' || :
	if [ -d "$state/solutions" ]; then
		mkdir -p "$project/patches/solved"
		rm -rf "${project:?}/patches/solved/$LTS"
		cp -R "$state/solutions" "$project/patches/solved/$LTS"
	fi
	: >"$state/configured"
}

# proven - the new line in the copy, built and booted
proven() {
	[ ! -f "$state/quick" ] && [ -z "${QUICK:-}" ] && [ ! -f "$state/proven" ] || return 0
	# what kconfig needed of a tree is no tree
	[ ! -f "$project/build/$LTS/src/.queue/kconfig" ] || rm -rf "$project/build/$LTS/src"
	failed=
	for target in kernel devices smoke smoke-hyperv; do
		env -u MAKEFLAGS -u CONTINUE -u SKIP make -C "$project" "$target" LTS="$LTS" || { failed=$target; break; }
	done
	[ "$failed" ] || [ -z "${BASELINE:-}" ] || env -u MAKEFLAGS make -C "$project" parity LTS="$LTS" || failed=parity
	[ -z "$failed" ] || die "make $failed" "fails with the new line (above)" \
		"mend it in ${project#"$root"/} (patches, config, or quilt in build/$LTS/src), then make rebase CONTINUE=1" \
		"QUICK=1 takes it untested, ABORT=1 gives up; nothing of the present lines has changed"
	: >"$state/proven"
}

# ---- which of it
case ${CONTINUE:+c}${SKIP:+s}${ABORT:+a} in
'') [ -z "$open" ] || die "LTS=$asked" "a rebase to ${open##*/} is open" "go on with make rebase CONTINUE=1, or give it up: ABORT=1" ;;
c | s | cs | a)
	[ "$open" ] || die "a rebase" "none is open" "begin one: $words"
	LTS=${open##*/}
	[ -z "$asked" ] || [ "$asked" = "$LTS" ] || die "LTS=$asked" "the rebase that is open is to $LTS"
	;;
*) usage "$words" ;;
esac
state=$root/build/rebase/$LTS
project=$state/project
patches=$root/patches/$LTS
build_dir=$root/build/rebase
mind_room
if [ "${ABORT:-}" ]; then
	"$root/scripts/rebase/finish.sh" "$state" back
	mv "$state" "$root/build/rebase/.gone"
	rm -rf "$root/build/rebase/.gone"
	say "the rebase to $LTS is given up; everything is as it was before"
	exit 0
fi
[ "$open" ] || begin
[ -z "$open" ] || : >"$state/resumed"
from=$(cat "$state/from")
how=${CONTINUE:+continue}
[ -z "${SKIP:-}" ] || how=skip
# until there is something of a person's in it, an error leaves nothing open
if [ ! -f "$state/new" ] || [ ! -f "$state/old" ]; then
	trap 'rc=$?; [ $rc = 0 ] || { no_room; [ $rc -gt 128 ] || rm -rf "$state"; exit $rc; }' EXIT
	copied
	released
	old_release
	trap - EXIT
	mind_room
else
	copied
fi
if [ ! -f "$state/adopting" ]; then
	carried "$how"
	if [ -f "$state/force" ] && [ -f "$patches/series" ]; then
		again=$root/build/rebase/again-$LTS
		rm -rf "$again"
		cp -R "$project/patches/$LTS" "$again"
		diff -ru "$patches" "$again" || :
		mv "$state" "$root/build/rebase/.gone"
		rm -rf "$root/build/rebase/.gone"
		say "patches/$LTS has not changed; the queue as it would be now is build/rebase/again-$LTS"
		exit 0
	fi
	configured
	proven
fi
"$root/scripts/rebase/finish.sh" "$state" here
