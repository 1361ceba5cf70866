#!/bin/sh
# .github/workflows/check.yml runs what the README says, in Debian 12, and names no host;
# newest.sh, its nightly job, asks about every pinned line and tells newer from not known.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 18
project p
file=$top/.github/workflows/check.yml
if python3 -c 'import yaml' 2>/dev/null; then
	run python3 -c 'import sys, yaml
jobs = yaml.safe_load(open(sys.argv[1]))["jobs"]
for name in jobs:
	for step in jobs[name]["steps"]:
		print(name, jobs[name]["container"], step.get("run", step.get("uses")))' "$file"
	is "$rc$err" 0 "it is YAML, every job has a container, and every step runs or uses something"
	jobs=$out
else
	skip 1 "python3-yaml is not installed"
	jobs=$(awk '/^  [a-z]+:$/ { job = $1; sub(/:/, "", job) } /^    container:/ { of = $2 }
		/^ +(- )?(run|uses): / { sub(/^ +(- )?(run|uses): /, ""); print job, of, $0 }' "$file")
fi
is "$(printf '%s\n' "$jobs" | grep -c '^check debian:12 \.ci/run$')" 1 "the job check runs .ci/run in Debian 12, once"
is "$(printf '%s\n' "$jobs" | grep -c '^newest debian:12 \.github/newest\.sh$')" 1 "the nightly job runs newest.sh"
like "$jobs" '^check debian:12 actions/cache@' "the compiler cache is kept"
is "$(sed -n 's/^ *CCACHE_DIR: //p; s/^ *path: \(\/.*\)/\1/p' "$file" | uniq)" /ccache "where ccache has it"
ok "grep -q '^    - cron: ' '$file'" "it has a time"
is "$(cat "$file" "$top/.github/newest.sh" | grep -E 'https?:|kernel\.org/|[a-z]\.(org|com|net|io)/')" "" "no host is named"
is "$(cat "$file" "$top/.github/newest.sh" | grep -E '[0-9]\.[0-9]+' | grep -vE 'actions/|debian:')" "" "nor a line: upstream.lock has them"

mkdir "$project/.github"
cp "$top/.github/newest.sh" "$project/.github"
# update.sh that exits with the word of its line in $work/answers
cat >"$project/scripts/rebase/update.sh" <<EOF
#!/bin/sh
echo "\$LTS \$CHECK" >>"$work/asked"
exit \$(sed -n "s/^\$LTS //p" "$work/answers")
EOF
pin 9.0 9.0.9 "file:/none sha256:0"
sed -i 's/eol = .*/eol = 2024-12-05/' "$project/upstream.lock"
pin 9.1 9.1.5 "file:/none sha256:0"
pin 9.2 9.2.1 "file:/none sha256:0"
sed -i 's/eol = 2099.*/eol = 9999-12-31/' "$project/upstream.lock"
# asked STATUS OF 9.1 AND STATUS OF 9.2
asked() {
	rm -f "$work/asked"
	printf '9.1 %s\n9.2 %s\n' "$1" "$2" >"$work/answers"
	run .github/newest.sh
}
asked 0 0
is "$rc$err" 0 "every pin is the newest"
is "$(cat "$work/asked")" "$(printf '9.1 1\n9.2 1')" "each line is checked, and nothing else is done"
like "$out" '^9.0: its end of life was 2024-12-05$' "but one whose end has come"
asked 10 0
is $rc 1 "a newer release makes it fail"
like "$out" '^newer releases, run make update LTS=: 9.1$' "and names the line"
asked 1 10
is $rc 2 "a line without an answer is another status"
like "$out" '^could not find out \(above\): 9.1$' "with the line"
like "$out" '^newer releases, .* 9.2$' "the others are still reported"
sed -i '/eol = 9999/d' "$project/upstream.lock"
asked 0 0
is "$rc$err" 0 "a line whose end of life is not known"
is "$(cat "$work/asked")" "$(printf '9.1 1\n9.2 1')" "is asked about"
