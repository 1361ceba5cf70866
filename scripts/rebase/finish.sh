# shellcheck shell=sh
# The end of a rebase, sourced by rebase.sh: install its result in the project, or undo that.
# STATE/install.list names each path before the first is touched, the series symlink last,
# and STATE/backup has the previous files, so an interrupted installation is completed or
# undone as a whole. Reads $state $project $from.

# install_path FROM TO - TO becomes a copy of FROM
install_path() {
	mkdir -p "$(dirname "$2")"
	rm -rf "$2~"
	cp -Rp "$1" "$2~"
	if [ -d "$2" ] && [ ! -L "$2" ]; then rm -rf "$2"; fi
	mv -T "$2~" "$2"
}

# present PATH - does it exist, if only as a dangling symlink?
present() { [ -e "$1" ] || [ -L "$1" ]; }

# roll_back - undo install_result, however far it came
roll_back() {
	[ -f "$state/install.list" ] || return 0
	while read -r path; do
		if present "$state/backup/$path"; then
			install_path "$state/backup/$path" "$root/$path"
		else
			rm -rf "${root:?}/$path" "$root/$path~"
		fi
	done <"$state/install.list"
	rmdir "$root/patches/solved" 2>/dev/null || :
	xargs git -C "$root" reset -q -- <"$state/install.list" 2>/dev/null || :
}

# install_result - copy patches, configuration and pin to the project
install_result() {
	[ -f "$state/install.list" ] || list_changes
	while read -r path; do
		install_path "$project/$path" "$root/$path"
	done <"$state/install.list"
	install_build
}

# list_changes - write STATE/install.list and back up what it names
list_changes() {
	rm -rf "$state/backup"
	{
		for path in "patches/$LTS" "patches/solved/$LTS"; do
			[ ! -d "$project/$path" ] || diff -rq "$project/$path" "$root/$path" >/dev/null 2>&1 ||
				echo "$path"
		done
		(cd "$project" && find config -type f | sort) | while read -r path; do
			cmp -s "$project/$path" "$root/$path" || echo "$path"
		done
		echo upstream.lock
		[ -f "$state/update" ] || echo series
	} >"$state/install.list.new"
	while read -r path; do
		mkdir -p "$state/backup/$(dirname "$path")"
		! present "$root/$path" || cp -Rp "$root/$path" "$state/backup/$path"
	done <"$state/install.list.new"
	mv "$state/install.list.new" "$state/install.list"
}

# install_build - move the build as well, unless the tree here has changes by now
install_build() {
	[ -f "$state/tested" ] && [ -d "$project/build/$LTS" ] || return 0
	(DEBUG='' "$root/scripts/clean.sh" check) || return 0
	for place in build dist; do
		mkdir -p "$root/$place"
		rm -rf "${root:?}/$place/$LTS"
		mv "$project/$place/$LTS" "$root/$place/$LTS"
	done
}

# report_result - stage the changes, write the log and print the report
report_result() {
	log=build/$LTS/log/rebase.log
	mkdir -p "$root/build/$LTS/log"
	find "$state/rows" -type f | sort -V |
		xargs -r "$root/scripts/rebase/print-rows.sh" >"$root/$log"
	rows=$(cat "$root/$log")
	[ ! -f "$state/config.report" ] || cat "$state/config.report" >>"$root/$log"
	say "linux $(cat "$state/target") has the queue of $from"
	# the rows of earlier runs have scrolled away
	[ ! -f "$state/resumed" ] || printf '%s\n' "$rows"
	"$root/scripts/rebase/compare-lines.sh" "$from" "$LTS"
	if in_git; then
		xargs git -C "$root" add -A -- <"$state/install.list"
		say "the changes are staged: git commit keeps them, git reset --hard discards them"
	fi
	say "$log has these rows and the changes of the configuration"
	[ -f "$state/tested" ] || say "not built or booted yet: make smoke smoke-hyperv LTS=$LTS"
}

# close_rebase - remove the state directory; the rename makes that one step
close_rebase() {
	rm -rf "$root/build/rebase/.closed"
	mv "$state" "$root/build/rebase/.closed"
	rm -rf "$root/build/rebase/.closed"
}
