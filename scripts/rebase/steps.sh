# shellcheck shell=sh
# The steps of a rebase, sourced by rebase.sh, which has their order. Each leaves a file in
# $state when it is done and then does nothing in a later run. Reads $state $project
# $patches $from, and SKIP QUICK BASELINE of the environment.

# copy_project - copy this project to STATE/project: in every run what does the work (scripts
# may have been fixed since), pins, patches and configuration only once
copy_project() {
	mkdir -p "$project/build" "$cache"
	for part in Makefile scripts tools tests keys; do
		[ -e "$root/$part" ] || continue
		rm -rf "${project:?}/$part"
		cp -Rp "$root/$part" "$project"
	done
	# what this project does not have yet, the copy makes for itself
	for part in cache userland userland.ext4; do
		[ -e "$project/build/$part" ] || [ ! -e "$root/build/$part" ] ||
			ln -sfn "../../../../$part" "$project/build/$part"
	done
	[ ! -f "$state/project.copied" ] || return 0
	rm -rf "$project/patches" "$project/config"
	cp -Rp "$root/patches" "$root/config" "$root/upstream.lock" "$project"
	ln -sfn "patches/$LTS/series" "$project/series"
	# port-queue.sh fills it
	rm -rf "$project/patches/$LTS"
	mkdir "$project/patches/$LTS"
	: >"$state/project.copied"
}

# find_old_release - find the tarball of the release that the queue was made for:
# STATE/old.tarball has its path, or is empty if TREE= replaces it or it is not available
find_old_release() {
	[ ! -f "$state/old.tarball" ] || return 0
	if [ -f "$state/tree" ]; then
		TREE=$(cat "$state/tree") LTS=$from "$root/scripts/tree/check-tree.sh"
		: >"$state/old.tarball"
	elif LTS=$from "$root/scripts/source/fetch.sh" 2>"$state/fetch.log"; then
		LTS=$from "$root/scripts/source/cached.sh" >"$state/old.tarball.new"
		mv "$state/old.tarball.new" "$state/old.tarball"
	else
		warn "linux $from" "is not available, so there is no three-way merge and\
 patches are placed with fuzz; TREE= takes a tree of it"
		: >"$state/old.tarball"
	fi
}

# port_queue - port the queue to STATE/project, and add the new line to the entries of its
# external patches
port_queue() {
	[ ! -f "$state/queue.ported" ] || return 0
	if [ ! -d "$state/scratch" ]; then
		rm -f "$state/conflict"
		TREE=$(cat "$state/tree" 2>/dev/null || :) "$root/scripts/rebase/scratch.sh" "$state"
	fi
	rc=0
	"$root/scripts/rebase/port-queue.sh" "$state" ${SKIP:+skip} || rc=$?
	[ $rc = 0 ] || exit $rc
	pins=$project/upstream.lock
	for patch in $(patches=$project/patches/$LTS && queue); do
		has=$(git config -f "$pins" "link.$patch.lines" | tr ',' ' ')
		case " $has " in
		'  ' | *" $LTS "*) ;;
		*) git config -f "$pins" "link.$patch.lines" "$has $LTS" ;;
		esac
	done
	: >"$state/queue.ported"
}

# show_difference - FORCE=1 ends here: store the new queue beside the present one
show_difference() {
	again=$root/build/rebase/again-$LTS
	rm -rf "$again"
	cp -R "$project/patches/$LTS" "$again"
	diff -ru "$root/patches/$LTS" "$again" || :
	close_rebase
	say "patches/$LTS is unchanged; the newly ported queue is in build/rebase/again-$LTS"
}

# port_config - port the configuration to STATE/project, and store the manual resolutions
port_config() {
	[ ! -f "$state/config.ported" ] || return 0
	"$root/scripts/rebase/port-config.sh" "$state" ||
		die "the configuration of $LTS" "is not complete (above)" \
			"fix it in ${project#"$root"/}/config, then run make rebase CONTINUE=1; ABORT=1 aborts"
	report=$state/config.report
	count() { grep -c "^$1" "$report" || :; }
	say "the configuration: $(count gone) options gone, $(count renamed) renamed," \
		"$(count new) new by default"
	grep -v '^new' "$report" | sed 's/^/  /'
	if [ -d "$state/solutions" ]; then
		mkdir -p "$project/patches/solved"
		rm -rf "${project:?}/patches/solved/$LTS"
		cp -R "$state/solutions" "$project/patches/solved/$LTS"
	fi
	: >"$state/config.ported"
}

# build_and_boot - build the new line in STATE/project and boot it, unless QUICK=1
build_and_boot() {
	[ ! -f "$state/quick" ] && [ -z "${QUICK:-}" ] && [ ! -f "$state/tested" ] || return 0
	# what port-config.sh made for kconfig is not a tree to build from
	[ ! -f "$project/build/$LTS/src/.queue/kconfig" ] || rm -rf "$project/build/$LTS/src"
	for target in kernel devices smoke smoke-hyperv ${BASELINE:+parity}; do
		env -u MAKEFLAGS -u CONTINUE -u SKIP make -C "$project" "$target" LTS="$LTS" ||
			die "make $target" "fails with the new line (above)" \
				"fix it in ${project#"$root"/} (patches, config, or quilt in build/$LTS/src)," \
				"then run make rebase CONTINUE=1" \
				"QUICK=1 accepts it untested, ABORT=1 aborts; the existing lines are unchanged"
	done
	: >"$state/tested"
}
