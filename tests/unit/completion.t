#!/bin/sh
# scripts/completion.bash: what bash offers for make in the project, by targets, variables
# and values that the project has, and that make elsewhere is completed as before.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 20
if ! command -v bash >/dev/null; then
	skip 20 "bash is not installed"
	exit 0
fi
project p
pin 9.1 9.1.5 "file:/none/linux-9.1.5.tar.xz sha256:$(printf '%064d' 0)"
pin 9.2 9.2.0 "file:/none/linux-9.2.0.tar.xz sha256:$(printf '%064d' 0)"
targets=$(sed -n 's/^\([a-z-]*\):.*## .*/\1/p' "$project/Makefile" | paste -sd' ')
variables=$(sed -nE 's/^([A-Z0-9_]+=).*/\1/p' "$project/scripts/variables.list" | paste -sd' ')

# answer LINE DIR - $out: what bash offers at the end of LINE in DIR
cat >"$work/complete.bash" <<'EOT'
_make() { COMPREPLY=(elsewhere); }
complete -F _make make
compopt() { :; }
. "$1"
cd "$2"
COMP_LINE=$3 COMP_POINT=${#3}
"$(complete -p make | sed -n 's/.* -F \([^ ]*\) .*/\1/p')" make "" make
echo "${COMPREPLY[*]}"
EOT
answer() { run bash "$work/complete.bash" "$project/scripts/completion.bash" "$2" "$1"; }
# offers LINE WANTED NAME [DIR]
offers() {
	answer "$1" "${4:-$project}"
	is "$rc$err $out" "0 $2" "$3"
}

offers "make " "$targets $variables" "nothing yet: every target of the Makefile, every variable of variables.list"
offers "make qui" quickstart "the beginning of a target"
offers "make kernel smo" "smoke smoke-hyperv" "a second target"
offers "make TIM" "TIMEOUT=" "the beginning of a variable"
offers "make fetch TIM" "" "not with a target that does not take it"
offers "make smoke MIR" "MIRROR=" "a variable of a target that make runs before"
offers "make LTS=" "9.1 9.2" "LTS=: the lines of upstream.lock"
offers "make smoke LTS=9.2" 9.2 "the beginning of one"
offers "make GPU=" 1 "GPU=: 1"
offers "make WITHOUT=" "memory nfs trace" "WITHOUT=: the features"
offers 'make WITHOUT="nfs tr' "nfs trace" "another one in quotes, with those before it"
offers "make PATCH=" "hyperv/bus memory/balloon" "PATCH=: the series of the active line"
offers "make LTS=9.2 PATCH=" "" "or of LTS="
offers "make TARGET=veri" "verify verify-install verify-release verify-reproducible" "TARGET=: the targets"
offers "make SELFTEST=p" panic "SELFTEST=: the kinds that variables.list names"
offers "make NONE=" "" "a variable that there is not"
touch "$project/a.config"
offers "make EXTRA=a." a.config "EXTRA=: files"
offers "make qui" elsewhere "in another directory: what completed make before" "$work"
offers "make -C $project qui" quickstart "-C names the project" "$work"
echo 'added: ## a target' >>"$project/Makefile"
offers "make add" added "a target that is added is offered"
