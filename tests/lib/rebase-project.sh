# shellcheck shell=sh
# A project in git with a queue for 9.1, sourced by the tests of make rebase. Provides
#   next LINE.N COMMANDS      $work/www/linux-LINE.N.tar.xz: 9.1.5, changed by COMMANDS in it
#   rebase LINE [VAR=VALUE...]   make rebase to the only release of LINE there is
#   go VAR=VALUE...          make rebase with these
#   rows                     the result of each patch: KIND NAME, a line each
#   unchanged NAME           two rows: git sees no change, and 9.1 builds as before
#   what_was_built           the manifest of 9.1 without the project's commit, as a digest
#   scratch                  where a conflict is resolved
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
printf '/build/\n/dist/\n*~\n' >"$project/.gitignore"
# booting is not tested here
for proof in kernel/devices kernel/modules-vhdx boot/smoke boot/smoke-hyperv; do
	# shellcheck disable=SC2016 # its own variable
	printf '#!/bin/sh\necho "%s $LTS"\n' "${proof#*/}" >"$project/scripts/$proof.sh"
done
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.org GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.org
in_git() { git -C "$project" "$@"; }
in_git init -q
in_git add -A
in_git commit -qm state
what_was_built() { jq 'del(.project)' "$project/dist/9.1/manifest.json" | sha256sum; }
run make kernel LTS=9.1
built=$(what_was_built)

next() {
	release "$1"
	(cd "$work/release/linux-$1" && eval "$2")
	find "$work/release/linux-$1" -exec touch -h -d 2025-01-01 {} +
	tarball "$1"
}

rebase() {
	of=$1
	shift
	file=$(echo "$work/www/linux-$of".*.tar.xz)
	go LTS="$of" SOURCE="$file" SHA256="$(sum "$file")" "$@"
}
go() { run make rebase "$@"; }
rows() {
	sed -n 's/^  \(clean\|merged\|already upstream\|by hand\|skipped\|conflict\)  *\([^ :]*\).*/\1 \2/p' "$work/out"
}
scratch() { echo "$project"/build/rebase/*/scratch; }

unchanged() {
	is "$(in_git status --porcelain)" "" "$1: git sees no change"
	rm -rf "$project/dist/9.1" "$project/build/9.1/stamp"
	(cd "$project" && make kernel LTS=9.1) >"$work/build.out" 2>&1
	is "$(what_was_built)" "$built" "$1: the old line builds as before"
}
