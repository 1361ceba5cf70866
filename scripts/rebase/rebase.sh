#!/bin/sh
# rebase.sh [update] - port the queue to another long-term line, or ("update") to another
# release of the same line. One rebase at a time. The work happens in build/rebase/<line>,
# the state directory: its project/ is a copy of this project that gets the new pin, queue
# and configuration and is built and booted. Only then are they installed here.
#   LTS=x.y      the new line; a line that patches/ already has only becomes the active one
#   FROM=x.y     the line whose queue is ported; default: the pinned line next below LTS,
#                or next above
#   SOURCE= SHA256=   the release to port to: a file, a URL or debian:PATH, and its digest
#   CONTINUE=1 SKIP=1 ABORT=1   resume after a conflict or an interruption; resume without
#                the patch that conflicts; abort
#   QUICK=1      neither build nor boot
#   FORCE=1      port to a line that patches/ already has, beside it, and show the difference
# Each step leaves a marker in the state directory, so an interrupted run resumes.
# Exit 0 done, 1 error, 2 usage, 3 a conflict has to be resolved by hand.
asked=${LTS:-} here=$PWD
# the line is ported, built and booted without the patches of GPU=1
GPU=
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
. "$root/scripts/lib/disk.sh"
. "$root/scripts/rebase/begin.sh"
. "$root/scripts/rebase/pin-release.sh"
. "$root/scripts/rebase/steps.sh"
. "$root/scripts/rebase/finish.sh"
update=${1:-}
case $update,$# in ,0 | update,1) ;; *) usage "LTS=x.y rebase.sh [update]" ;; esac
synopsis="make rebase LTS=x.y [FROM=x.y] [SOURCE=... SHA256=...] [QUICK=1] [FORCE=1] |\
 make rebase CONTINUE=1|SKIP=1|ABORT=1"
need git jq quilt patch
lock "a rebase" "$root/build/rebase"
open=$(find "$root/build/rebase" -mindepth 1 -maxdepth 1 -name '[0-9]*[0-9]' | head -n 1)
# TREE= is a tree of the old release, for scratch.sh alone
tree=${TREE:-}
unset TREE

# ---- begin, resume or abort
case ${CONTINUE:+c}${SKIP:+s}${ABORT:+a} in
'')
	[ -z "$open" ] || die "LTS=$asked" "a rebase to ${open##*/} is open" \
		"resume it with make rebase CONTINUE=1, or abort it with ABORT=1"
	;;
c | s | cs | a)
	[ "$open" ] || die "a rebase" "none is open" "begin one: $synopsis"
	LTS=${open##*/}
	[ -z "$asked" ] || [ "$asked" = "$LTS" ] ||
		die "LTS=$asked" "the rebase that is open is to $LTS"
	;;
*) usage "$synopsis" ;;
esac
export LTS
state=$root/build/rebase/$LTS
project=$state/project
patches=$root/patches/$LTS
# the directory whose disk watch_disk checks
build_dir=$root/build/rebase
watch_disk
if [ "${ABORT:-}" ]; then
	roll_back
	close_rebase
	say "the rebase to $LTS was aborted; the previous state is restored"
	exit 0
fi
if [ "$open" ]; then : >"$state/resumed"; else begin_rebase; fi
from=$(cat "$state/from")

# ---- the steps
if [ ! -f "$state/new.tarball" ] || [ ! -f "$state/old.tarball" ]; then
	# there are no manual edits yet: an error, but not a signal, closes the rebase
	trap 'rc=$?
		[ $rc = 0 ] || report_full_disk
		[ $rc = 0 ] || [ $rc -gt 128 ] || rm -rf "$state"
		exit $rc' EXIT
	copy_project
	pin_release
	find_old_release
	watch_disk
else
	copy_project
fi
if [ ! -f "$state/install.list" ]; then
	port_queue
	if [ -f "$state/force" ] && [ -f "$patches/series" ]; then
		show_difference
		exit 0
	fi
	port_config
	# what was changed by hand since the last run is part of the new release too
	"$project/scripts/kernel/inputs-hash.sh" record >/dev/null
	build_and_boot
fi
install_result
report_result
close_rebase
