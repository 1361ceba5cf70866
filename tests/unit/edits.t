#!/bin/sh
# No work is lost: a change in the tree that no patch contains stops prepare and
# clean, whatever else has changed, and is kept.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 33
build_tools treestate
tarball 9.1.5
tarball 9.1.6
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
src=$project/build/9.1/src
run scripts/tree/prepare.sh
is $rc 0 "prepare"
keep good

# stopped COMMAND-LINE NAME - it fails, and nothing in the tree changes
stopped() {
	before=$(contents "$src")
	# shellcheck disable=SC2086 # a command line
	run $1
	is $rc 1 "$2 stops"
	like "$err" "$edits" "$2 says why"
	is "$(contents "$src")" "$before" "$2 does not touch the tree"
}
edits='^push: error: build/9.1/src: has changes that no patch contains \(run quilt refresh\):'

(cd "$src" && quilt --quiltrc - add lib/added.c >/dev/null && echo '/* mine */' >lib/added.c)
sed -i '/balloon/d' "$project/patches/9.1/series"
echo '/* mine */' >>"$src/init/main.c"
echo '/* mine */' >>"$src/lib/other.c"
echo mine >"$src/lib/new.c"
rm "$src/drivers/hv/hv.c"
chmod -x "$src/scripts/checkpatch.pl"
ln -sf ../Makefile "$src/arch/Kconfig"
rm "$src/drivers/hv/balloon.c"
mkdir "$src/drivers/hv/balloon.c"
echo mine >"$src/drivers/hv/balloon.c/mine"
stopped scripts/tree/prepare.sh "with another series, prepare"
like "$err" "$edits.*init/main.c" "an edit of a file that the queue has is named"
like "$err" "$edits.* lib/other.c" "so is one of a file that it has not"
like "$err" "$edits.* lib/added.c" "one that was added to quilt and not refreshed"
like "$err" "$edits.* lib/new.c" "a new file"
like "$err" "$edits.* drivers/hv/hv.c" "a file that is gone"
like "$err" "$edits.* scripts/checkpatch.pl" "a file that is no longer executable"
like "$err" "$edits.* arch/Kconfig" "a link that points elsewhere"
like "$err" "$edits.* drivers/hv/balloon.c/mine" \
	"a file in a directory in the place of the queue's file"
like "$err" '^  nothing was changed; keep them: cd build/9.1/src && quilt refresh$' "and what to do"

stopped scripts/clean.sh "clean"
stopped "scripts/clean.sh all" "distclean"
: >"$project/upstream.lock"
pin 9.1 9.1.6 "$(source_of 9.1.6)"
stopped scripts/tree/prepare.sh "with another pin, prepare"
rm "$src/.queue/index"
run scripts/tree/prepare.sh
like "$rc $err" '^1 prepare: error: build/9.1/src: is not a tree that prepare made' \
	"a tree without its index is not ours to touch"
back good

(cd "$src" && quilt --quiltrc - pop >/dev/null)
run scripts/clean.sh
is "$rc $err" "0 " "clean accepts a popped queue"
ok "[ ! -e '$project/build/9.1' ] && [ -d '$project/build/cache' ]" \
	"and removes the line, not the cache"
back good
echo '/* mine */' >>"$src/lib/other.c"
run env FORCE=1 scripts/clean.sh
ok "[ $rc = 0 ] && [ ! -e '$project/build/9.1' ]" "clean FORCE=1 removes edits as well"
run scripts/clean.sh all
ok "[ $rc = 0 ] && [ ! -e '$project/build' ]" "distclean removes build/"

# ---- what editors, indexers and file managers leave is no edit of the kernel
back good
mkdir -p "$src/.vscode" "$src/.idea" "$src/.cache/clangd" "$src/arch/tags"
for left in .clangd .vscode/settings.json .idea/x.xml .cache/clangd/index tags TAGS cscope.out cscope.files GTAGS \
	compile_commands.json .dir-locals.el init/.main.c.swo 'init/#main.c#' 'init/.#main.c' lib/main.c~ .DS_Store \
	'lib/other.c:Zone.Identifier'; do
	echo mine >"$src/$left"
done
run scripts/tree/prepare.sh
is "$rc$out$err" 0 "prepare is content with it"
run scripts/clean.sh check
is "$rc$err" 0 "so is clean"
echo mine >"$src/arch/tags/Makefile"
stopped scripts/clean.sh "a directory of the kernel with such a name is the kernel's: clean"
rm -r "$src/arch/tags"
# another release replaces the tree: the settings are the user's
: >"$project/upstream.lock"
pin 9.1 9.1.6 "$(source_of 9.1.6)"
run scripts/tree/prepare.sh
is "$rc $(cat "$src/.clangd" "$src/.vscode/settings.json" "$src/.dir-locals.el" | tr '\n' ' ')$(cd "$src" && ls -d tags TAGS cscope.out GTAGS 2>/dev/null)" \
	"0 mine mine mine " "another release keeps the settings, and no index of the old files"
