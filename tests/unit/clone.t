#!/bin/sh
# How the project came to this machine, and on which volume it is: line ends of a clone from
# Windows, names without upper and lower case, a clone of another user's.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 27
build_tools treestate
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
# the machine's own lacks are doctor.t's
printf 'sh dash - everything\n' >"$project/scripts/setup/programs.list"
fake df 'printf "head\nnone 1 1 9000 1 /\n"'
fake awk "case \$* in *MemAvailable*) echo 9000 ;; *) exec $(command -v awk) \"\$@\" ;; esac"
PATH=$work/bin:$PATH
g() { git -c user.name=t -c user.email=t@example.org -c init.defaultBranch=main -C "$project" "$@"; }
# with_cr - the files of the project that have a CR at a line's end
with_cr() { (cd "$project" && grep -rlI "$(printf '\r')\$" --exclude-dir=.git . | sort) || :; }
# cloned NAME [REV] - a clone of p as a user of Windows makes it; $project is its path
cloned() {
	g -c core.autocrlf=true clone -q "$project" "$work/$1"
	project=$work/$1
	g config core.autocrlf true
}
cp "$top/.gitattributes" "$top/.gitignore" "$project"
printf -- '--- a/lib/dos.txt\r\n+++ b/lib/dos.txt\r\n' >"$project/patches/9.1/dos.patch"
g init -q
g add -A
g commit -q -m 'with .gitattributes'
origin=$project

# ---- CRLF
cloned windows
is "$(with_cr)" ./patches/9.1/dos.patch "a clone with core.autocrlf: the line ends of the repository"
ok "cmp -s '$project/patches/9.1/dos.patch' '$origin/patches/9.1/dos.patch'" "a patch keeps its own"
is "$(g status --porcelain)" "" "git sees no change"
run make help
is "$rc$err" 0 "make help"
(cd "$top" && ! git ls-files >/dev/null 2>&1 || git ls-files) | git -C "$top" check-attr --stdin text eol 2>/dev/null |
	grep -v '\.\(patch\|diff\): ' | grep -E ': (text|eol): (unspecified|crlf)$' >"$work/unsettled" || :
is "$(cat "$work/unsettled")" "" "no file of the project is without a rule"

# one from before
project=$origin
g rm -q .gitattributes patches/9.1/dos.patch
g commit -q -m 'without'
cloned broken
ok "[ $(with_cr | wc -l) -gt 100 ]" "a clone without .gitattributes has CRLF everywhere"
run make help
like "$rc $err" '^2 Makefile:[0-9]+: \*\*\* scripts/.* have CRLF line ends, from git.s core.autocrlf' "make says so"
remedy=$(printf '%s\n' "$err" | sed -n "s/.*this removes them: \(.*\)\.  Stop\.$/\1/p")
cp "$origin/Makefile" "$project"
rm -r "$project/scripts"
cp -R "$origin/scripts" "$project"
run make kernel
like "$rc $err" '^2 [a-z]*: error: upstream.lock: has CRLF line ends, and so may other files$' "with the scripts mended, a step says so"
cp "$origin/upstream.lock" "$project"
run make doctor
like "$rc $err" '^2 doctor: error: config/.*: has CRLF line ends, and [0-9]+ files in all$' "with upstream.lock mended, doctor"
is "$(printf '%s\n' "$err" | sed -n 's/^  \(in the project: \)\(git.*\)/\2/p')" "$remedy" "and the remedy is the same"
echo 'CONFIG_MINE=y' >>"$project/config/wsl2_defconfig"
run sh -c "$remedy"
is "$rc$(with_cr)" 0 "which leaves no CR"
is "$(g status --porcelain)" " M config/wsl2_defconfig" "and nothing but the user's change"
run make doctor
is "$rc$err" 0 "doctor is content"
ok "[ -L '$project/series' ]" "series is a link still"

# ---- a clone without symbolic links
project=$origin
g -c core.symlinks=false clone -q "$project" "$work/flat"
project=$work/flat
run scripts/status.sh
like "$rc $err" '^1 status: error: series: is not a symbolic link' "a clone with core.symlinks=false"
run sh -c "$(printf '%s\n' "$err" | sed -n 's/^  restore it: //p' | sed 's/4\.19/9.1/')"
run scripts/source/cached.sh
unlike "$err" series "the command in the error repairs it"

# ---- a volume that folds case
project=$origin
gcc -shared -fPIC -o "$work/fold.so" "$top/tests/lib/fold.c"
run scripts/setup/doctor.sh
is "$rc$err" 0 "a volume that does not fold case"
run env LD_PRELOAD="$work/fold.so" scripts/setup/doctor.sh
like "$rc $err" "^1 doctor: error: $project: does not tell upper from lower case in file names" "doctor knows one that does"
like "$err" '^  a kernel has files like xt_tcpmss.c and xt_TCPMSS.c' "why that matters"
like "$err" "^  move the project to the distribution's own disk" "and what to do"
run env LD_PRELOAD="$work/fold.so" scripts/tree/prepare.sh
like "$rc $err" "^1 unpack: error: $project: does not tell upper from lower case in file names" "unpack stops"
is "$(find "$project/build/9.1" -name 'src*')" "" "before it writes anything"
run env LD_PRELOAD="$work/fold.so" TREE="$work/release/linux-9.1.5" scripts/tree/check-tree.sh
like "$rc $err" "^1 check-tree: error: TREE=.*: does not tell upper from lower case in file names" "so does TREE= on such a volume"
run scripts/tree/prepare.sh
is "$rc $(find "$project/build" -iname '*case*')" "0 " "elsewhere it works, and leaves no probe"

# ---- a clone that belongs to another user
if [ "$(id -u)" = 0 ]; then
	rm -r "$project/patches/9.2"
	chown -R 12345:12345 "$project"
	run env FROM=9.1 LTS=9.2 QUICK=1 scripts/rebase/rebase.sh
	like "$rc $err" '^  git says: fatal: detected dubious ownership' "git's own reason"
	like "$err" "^  if it belongs to another user and you trust it: git config --global --add safe.directory $project$" "and the way out"
	git config --global --add safe.directory "$project"
	run env FROM=9.1 LTS=9.2 QUICK=1 scripts/rebase/rebase.sh
	unlike "$err" "git (does not read|says)" "which is one"
else
	skip 3 "not run as root"
fi
