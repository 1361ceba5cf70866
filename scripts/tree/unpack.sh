#!/bin/sh
# unpack.sh BASE [TARBALL] - replace build/<line>/src with the contents of TARBALL, whose
# sha256 must be BASE, or with a copy of TREE. Works in src.new and renames it, so src is
# always complete or absent. Leaves src/.queue/{base,index,release}, and verified, the
# tarball's record. Called by prepare.sh, which holds the lock and has checked that no change
# is lost.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/stamp.sh"
. "$root/scripts/lib/pin.sh"
. "$root/scripts/lib/links-out.sh"
[ $# -ge 1 ] || usage "unpack.sh BASE [TARBALL]"
base=$1 tarball=${2:-}
check_pin
treestate=$(tool treestate)
new=$src.new
meta=$new/.queue

# discard SUBJECT WHAT [LINE...] - die, and leave no incomplete tree
discard() {
	rm -rf "$new"
	die "$@"
}

# record COMMAND... - run it and record the files that it creates in src.new. They are hashed
# meanwhile, on a processor that the command leaves idle (xz uses one).
record() {
	{ "$@" && : >"$meta/complete"; } | "$treestate" follow "$new" "$meta/release" || :
	[ -f "$meta/complete" ] && [ -f "$meta/release" ] ||
		discard "build/$tree_name/src" "could not be written (above)" \
			"$(free_mb "$build_dir") MB are free there, a tree takes 1500"
	rm "$meta/complete"
}

rm -rf "$new" "$src.old"
mkdir -p "$meta"
! folds_case "$meta" || discard "$root" "$folds_what" "$folds_why" "$folds_remedy"
if [ "$tarball" ]; then
	subject=${tarball##*/}
	say "unpacking $subject"
	[ "$(sha256 "$tarball")" = "$base" ] ||
		discard "$subject" "has changed in build/cache since it was verified" \
			"remove it and run make fetch LTS=$LTS$gpu"
	record tar -xf "$tarball" -C "$new" --strip-components=1 --no-same-owner
	cp "$tarball.verified" "$meta/verified"
else
	subject=TREE=$TREE
	say "copying $TREE"
	record find "$TREE/" -mindepth 1 -maxdepth 1 ! -name .git ! -name .pc ! -name .queue \
		-exec cp -a --reflink=auto -t "$new" {} +
fi
links=$(outside_links "$new")
link=${links%%	*}
[ -z "$links" ] || discard "$subject" "$link is a symbolic link out of the tree" \
	"a patch or an edit would change files elsewhere: replace such links with what they point to"
cp "$meta/release" "$meta/index"
stamp "$meta/base" "$base"
# an editor's settings are the user's; an index is of the old files
for setting in .clangd .vscode .idea .dir-locals.el .exrc .nvim.lua .vimrc; do
	[ ! -e "$src/$setting" ] || [ -e "$new/$setting" ] || cp -a "$src/$setting" "$new"
done
[ ! -d "$src" ] || mv "$src" "$src.old"
mv "$new" "$src"
rm -rf "$src.old"
