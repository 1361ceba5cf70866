#!/bin/sh
# make rebuild: what a manifest describes is built again from the commit, tarball and patches
# that it names; one that cannot be is refused before anything is built; what differs is
# explained by the toolchain, or said to be not.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 34
build_tools treestate config-check fragment-check
tarball 9.1.5
project p
pin 9.1 9.1.5 "$(source_of 9.1.5)"
git() { command git -C "$project" -c user.name=T -c user.email=t@example.org "$@"; }
printf '/build/\n/dist/\n' >"$project/.gitignore"
git init -q
git add .
git commit -q -m one
commit=$(git rev-parse HEAD)
manifest=$project/dist/9.1/manifest.json
echo 'CONFIG_SOUND=y' >"$work/extra"
run make modules WITHOUT=trace WITH=pnfs
is "$rc$err" 0 "a build"

# ---- what the manifest has for it
is "$(jq -c '[.project, .options, .features]' "$manifest")" "[{\"commit\":\"$commit\",\"changed\":false},{},\"+pnfs -trace\"]" \
	"the manifest has the project's commit"
is "$(jq -r '.toolchain | .gzip, .tar, .zstd' "$manifest")" "$(for program in gzip tar zstd; do
	$program --version 2>/dev/null | head -n 1; done)" "and what packs the outputs"
echo '# more' >>"$project/Makefile"
echo '# mine' >"$project/notes"
run scripts/kernel/manifest.sh patches
is "$(jq -c .project "$manifest")" "{\"commit\":\"$commit\",\"changed\":true}" "an edit of a file that a build reads"
git checkout -q Makefile
run make modules WITHOUT=trace WITH=pnfs
is "$(jq -c .project.changed "$manifest")" false "undone or committed: the next run of make says so; other files do not count"
rm "$project/notes"
mkdir "$work/published"
published=$work/published/manifest.json
cp "$manifest" "$published"

# rebuild [FILTER] - from the published manifest, changed by FILTER
rebuild() {
	jq "${1:-.}" "$published" >"$work/manifest.json"
	run env LTS=9.2 make rebuild MANIFEST="$work/manifest.json" ${extra:+EXTRA="$extra"}
}
extra=
# refused FILTER REGEX NAME - and nothing is built
refused() {
	rebuild "$1"
	like "$rc $err" "^2 rebuild: error: MANIFEST=manifest.json: $2" "refused: $3"
}
refused '.project = null' 'does not say which commit of the project it was built with$' "no commit"
refused '.project.changed = true' 'was built with changes that no commit has$' "changes that nobody can have"
refused '.project.commit = "0123456789012345678901234567890123456789"' 'was built with commit 0123456789012345678901234567890123456789$' "a commit that is not here"
refused '.project.commit = "HEAD; touch x"' 'does not say which commit' "a commit that is none"
refused '.verified = false' 'was built from TREE=, not from a release$' "a tree of the user's"
refused '.release = "../../9.1.5"' 'names no line and release$' "a release with a path"
refused '.line = "9.2/../9.1"' 'names no line and release$' "a line with a path"
refused '.pin = "9.1.6"' 'is not of the release that upstream.lock pins at its commit$' "another release"
refused '.source.from = "file:/elsewhere.tar.xz"' 'has a source that upstream.lock does not have at its commit' "another source"
refused '.patches[1].sha256 = "0000000000000000000000000000000000000000000000000000000000000000"' 'has other patches than its commit:$' "another patch"
like "$err" '^  memory/balloon.patch$' "which is named"
refused 'del(.patches[0])' 'has other patches than its commit:$' "a patch less"
refused ".options.EXTRA = [\"$(sum "$work/extra")\"]" 'was built with other files of EXTRA=$' "a fragment that is not given"
# what a shell or make would run
# shellcheck disable=SC2016 # not here
for option in '{CC: "touch x; gcc"}' '{GPU: "$(shell touch x)"}' '{MODULES: "none\nCC=x"}' '{PATH: "1"}'; do
	refused ".options = $option" 'has options that are not ours:$' "options $option"
done
# shellcheck disable=SC2016 # not here
refused '.features = "+$(touch x)"' 'has features that are not ours$' "features that are a command"
echo '[]' >"$work/manifest.json"
run make rebuild MANIFEST="$work/manifest.json"
like "$err" ': is not a manifest.json of this project$' "a file of another kind"
run make rebuild
is "$rc $err" "2 usage: make rebuild MANIFEST=file
make: *** [Makefile:$(awk '/^rebuild:/ { print NR + 1 }' "$project/Makefile"): rebuild] Error 2" "no manifest"
rebuild '.source.sha256 = "0000000000000000000000000000000000000000000000000000000000000000"'
like "$err" 'sha256 is .*, pinned is 0000000' "another tarball is not unpacked"

# ---- built again, in the clone of somebody who has moved on and builds something else
echo '# later' >>"$project/Makefile"
sed -i 's/x + 20/x + 21/' "$project/patches/9.1/hyperv/bus.patch"
git commit -q -a -m two
rm -rf "$project/build/9.1" "$project/dist"
rebuild
is "$rc$err" 0 "built again"
is "$(grep -c ': the same$' "$work/out")" "$(jq '.outputs | length' "$published")" "each output is the same"
like "$out" '^rebuild: 9.1.5-wsl3-x[0-9a-f]*: every output is the same$' "the last line says so"
is "$(ls "$project/build/rebuild")$(cd "$project" && ls -d dist build/9.1 2>/dev/null)" "" "the copy is removed, and nothing else is built"

# ---- differences
rebuild '.outputs["modules.tar.gz"].sha256 = "1" | .outputs.vmlinux.sha256 = "2" | .toolchain.depmod = "kmod version 1"'
like "$rc $err" '^2 rebuild: error: 9.1.5-wsl3-x[0-9a-f]*: is not the same when it is built again$' "red: other bytes"
like "$out" "^modules.tar.gz: differs: depmod is $(depmod --version | head -n 1), was kmod version 1\$" "the program that explains it"
like "$out" '^vmlinux: differs, and no difference of the toolchain explains it$' "depmod is no part of vmlinux"
# rows FILTER - of rebuild.jq, for that manifest and the published one
rows() { jq -rn --argjson was "[$(jq "$1" "$published")]" --slurpfile is "$published" -f "$top/scripts/kernel/rebuild.jq"; }
is "$(rows '.outputs.bzImage.sha256 = "1" | .toolchain.cc = "gcc 1" | .toolchain.make = "make 1" | .options.distcc = "1" | .outputs |= {bzImage}')" \
	"bzImage: differs: cc is $(gcc --version | head -n 1), was gcc 1; it was compiled with DISTCC_HOSTS=, which leaves columns out of debug information" \
	"the compiler explains everything, make nothing"
