#!/bin/sh
# .github/service.sh: which lines it moves, what the text of a pull request says of queue,
# proof and CVEs, a release that needs a hand, and that the checkout stays as it is.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 25
project p
file=$top/.github/workflows/service.yml
if python3 -c 'import yaml' 2>/dev/null; then
	run python3 -c 'import sys, yaml
for name, job in yaml.safe_load(open(sys.argv[1]))["jobs"].items():
	for step in job["steps"]:
		print(name, job["container"], step.get("run", step.get("uses")))' "$file"
	is "$(printf '%s\n' "$out" | grep -cx 'service debian:12 .github/service.sh')" 1 "the workflow is YAML and runs service.sh in Debian 12, once"
else
	skip 1 "python3-yaml is not installed"
fi
is "$(cat "$file" "$top/.github/service.sh" | grep -E 'https?:|kernel\.org/|[a-z]\.(org|com|net|io)/|[0-9]\.[0-9]+' | grep -vE 'actions/|debian:')" "" "no host and no line is named"
like "$(cat "$file")" '^  contents: read$' "it may not write to the repository"

cp -R "$top/.github" "$project"
pin 9.1 9.1.5 "file:/none sha256:0"
pin 9.2 9.2.1 "file:/none sha256:0"
# update.sh: status 10 to CHECK for the lines in $work/newer; moves 9.1, and 9.2 conflicts
cat >"$project/scripts/rebase/update.sh" <<EOF
#!/bin/sh
if [ "\${CHECK:-}" ]; then
	grep -qx "\$LTS" "$work/newer" && exit 10
	exit \$(cat "$work/check")
fi
echo "\$MIRROR" >"$work/mirror.\$LTS"
[ "\$LTS" = 9.1 ] || {
	echo "rebase: error: hyperv/bus.patch: conflicts with linux 9.2.7:" >&2
	echo "  drivers/hv/hv.c: 1 conflict, marked" >&2
	exit 3
}
git config -f upstream.lock line.9.1.version 9.1.12
git add upstream.lock
mkdir -p build/9.1/log dist/9.1
echo "  merged   hyperv/bus.patch: moved by 1 line" >build/9.1/log/rebase.log
echo image >dist/9.1/bzImage
sha256sum <dist/9.1/bzImage | cut -d ' ' -f 1 >dist/9.1/smoke.ok
EOF
# cve.sh: CVEs that the step closes and that are open, unless there is no data
cat >"$project/scripts/report/cve.sh" <<EOF
#!/bin/sh
[ "\$LTS" = 9.1 ] && [ -f "$work/data" ] || { echo "cve: error: build/cache/kernel-cves.tsv.xz: does not exist" >&2; exit 1; }
if [ "\${SINCE:-}" ]; then
	echo 'SCORE CVE             WHERE    FILES'
	for n in \$(seq 100 130); do echo "7.8   CVE-2026-10\$n  release  mm/x\$n.c"; done
	echo "linux 9.1.12: closes 31 CVEs of \$SINCE; 0 affect only 9.1.12"
else
	echo 'SCORE CVE'
	echo 'linux 9.1.12: 4 of 90 CVEs affect it'
fi
EOF
printf '/build/\n/dist/\n' >"$project/.gitignore"
export GIT_AUTHOR_NAME=test GIT_AUTHOR_EMAIL=test@example.org GIT_COMMITTER_NAME=test GIT_COMMITTER_EMAIL=test@example.org
in_git() { git -C "$project" "$@"; }
in_git init -q
in_git add -A
in_git commit -qm state
service() { run env "$@" .github/service.sh; }
pr=$project/build/service/9.1/pull-request.md

echo 0 >"$work/check"
: >"$work/newer"
service
is "$rc$err $(ls "$project/build/service" 2>/dev/null)" "0 " "no newer release: nothing to do"

echo 9.1 >"$work/newer"
: >"$work/data"
echo '# edit' >>"$project/Makefile"
service
is "$rc$err" 0 "a newer release of one line"
like "$out" '^build/service/9.1/pull-request.md: 9.1: move to 9.1.12$' "the text is named"
ok "[ ! -e '$project/build/service/9.2' ]" "the other line stays"
like "$(cat "$pr")" '^From 9.1.5 to 9.1.12, released 2026-01-02\.$' "the text says from where to where"
like "$(cat "$pr")" '^      merged   hyperv/bus.patch: moved by 1 line$' "what became of the patches"
like "$(cat "$pr")" "^bzImage: 6 bytes, sha256 $(printf 'image\n' | sha256sum | cut -d ' ' -f 1)\$" "which image"
is "$(grep '^- make' "$pr")" "- make smoke: green
- make smoke-hyperv: not green for this image" "what was proved of it, and what not"
like "$(cat "$pr")" '^linux 9.1.12: closes 31 CVEs of 9.1.5; 0 affect only 9.1.12$' "how many CVEs it closes"
is "$(grep -c 'CVE-2026-10' "$pr")" 10 "ten of them"
like "$(cat "$pr")" '^    linux 9.1.12: 4 of 90 CVEs affect it$' "and what stays open"
is "$(in_git diff --cached --name-only)$(grep -c 9.1.12 "$project/upstream.lock")" 0 "the checkout is not changed"
is "$(tail -n 1 "$project/Makefile")" '# edit' "nor what is not committed there"
in_git checkout -q Makefile
is "$(in_git apply "$project/build/service/9.1/change.patch" && in_git diff --name-only)" upstream.lock "the change applies to the commit"
in_git checkout -q .
is "$(cat "$work/mirror.9.1")" "$project/build/cache" "what was downloaded before serves as the mirror"
rm "$work/data"
service
like "$rc $(cat "$pr")" '^Not compared: cve: error: build/cache/kernel-cves.tsv.xz: does not exist$' "without CVE data the text says that nothing was compared"

printf '9.1\n9.2\n' >"$work/newer"
service MIRROR=/srv/mirror
is "$rc" 1 "a release that needs a hand makes it fail"
like "$(cat "$project/build/service/9.2/pull-request.md")" '^# 9.2: the release after 9.2.1 needs a hand$' "its text says so"
like "$(cat "$project/build/service/9.2/pull-request.md")" '^    rebase: error: hyperv/bus.patch: conflicts with linux 9.2.7:$' "with the error"
ok "[ -s '$pr' ] && [ ! -e '$project/build/service/9.2/change.patch' ]" "the other line is moved, and no patch of half a move is left"
is "$(cat "$work/mirror.9.2")" /srv/mirror "a mirror of the user's"
echo 9.1 >"$work/newer"
echo 1 >"$work/check"
service
is "$rc" 2 "a line whose releases are not known"
