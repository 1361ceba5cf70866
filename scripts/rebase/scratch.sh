#!/bin/sh
# scratch.sh STATE - make STATE/scratch, the git repository in which a queue is carried
# over: tag old/0 is the old release, old/N the same with the first N patches of the
# queue, new/0 the new release. It has the files that the queue touches and their
# neighbours, the files of the same folders: git then sees what was renamed there, and
# a person who solves a conflict has both at hand. For a file that went elsewhere the
# files of the new release that may be it come as well.
# STATE holds queue/ (series and patches), from (the old line), the tarballs' paths in
# old and new (old is empty when that release cannot be had: no old/N then, only
# new/0), and as TREE= a tree of the old release may stand for its tarball. Leaves
# STATE/{old,new}.files with the files, and the Kconfig files of each; in symbols the
# options that are gone (symbols.sh), in {old,new}.symbols those of each.
# Works in scratch.new and renames. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
. "$root/scripts/lib/series.sh"
[ $# = 1 ] || usage "LTS=x.y scratch.sh STATE"
state=$1
patches=$state/queue
from=$(cat "$state/from")
tarball=$(cat "$state/old")
need git tar xz
tempdir
rm -rf "$state/scratch" "$state/scratch.new" "$state/old.files" "$state/new.files"
mkdir -p "$state/scratch.new" "$state/old.files" "$state/new.files"

# ---- what is wanted of them
for patch in $(queue); do
	grep -q '^+++ ' "$patches/$patch" || continue
	GIT_DIR=/nonexistent git apply --numstat -p1 "$patches/$patch" >>"$tmp/numstat" 2>"$tmp/log" ||
		die "patches/$from/$patch" "is damaged" "git says: $(tail -n 1 "$tmp/log")"
done
touch "$tmp/numstat"
cut -f3 "$tmp/numstat" | sort -u >"$tmp/touched"
sed 's|^|./|; s|/[^/]*$||; s|^\./||' "$tmp/touched" | sort -u >"$tmp/folders"
# tar takes them for patterns, in which * is no / but for Kconfig's; the rest of the
# first is what kconfig is made of
{
	printf '%s\n' --no-recursion --wildcards --wildcards-match-slash '*/Kconfig*' --no-wildcards-match-slash '*/Makefile' \
		'*/arch/x86/Makefile*' '*/scripts/*' '*/scripts/basic/*' '*/scripts/include/*' '*/scripts/kconfig/*'
	sed 's|^\.$|*|; s|.*|*/&/*|; s|^\*/\*/\*$|*/*|' "$tmp/folders"
} >"$tmp/wanted"

# files TARBALL DIR LIST - unpack what LIST wants
files() { tar -xf "$1" -C "$2" --strip-components=1 --no-same-owner -T "$3" 2>"$2.log" || grep -q 'Not found in archive' "$2.log"; }

# listed TARBALL - the names of its files
listed() { tar -tf "$1" | sed -n 's|^[^/]*/\(.*[^/]\)$|\1|p' | sort; }

# both at once: it is xz that takes the time
files "$(cat "$state/new")" "$state/new.files" "$tmp/wanted" &
if [ "$tarball" ]; then
	files "$tarball" "$state/old.files" "$tmp/wanted"
elif [ "${TREE:-}" ]; then
	(cd "$TREE" && while read -r folder; do
		find "$folder" -maxdepth 1 -type f ! -name '.*' -exec cp -p --parents -t "$state/old.files" {} +
	done <"$tmp/folders"
	find . -name 'Kconfig*' ! -path './.*' -type f -exec cp -p --parents -t "$state/old.files" {} +)
fi
wait $! || die "$(cat "$state/new")" "cannot be unpacked" "$(tail -n 1 "$state/new.files.log")"
[ -f "$state/new.files/Makefile" ] || die "$(cat "$state/new")" "is no kernel: it has no Makefile" "give the tarball of a release"

# ---- where did a file go that the new release does not have there?
while read -r file; do
	[ -f "$state/new.files/$file" ] || [ ! -f "$state/old.files/$file" ] || echo "$file"
done <"$tmp/touched" >"$tmp/gone"
if [ -s "$tmp/gone" ]; then
	listed "$(cat "$state/new")" >"$tmp/new.list" &
	if [ "$tarball" ]; then listed "$tarball"; else (cd "$TREE" && find . -type f | sed 's|^\./||' | sort); fi >"$tmp/old.list"
	wait $!
	comm -13 "$tmp/old.list" "$tmp/new.list" | awk -v gone="$tmp/gone" '
		function name(p) { sub(/.*\//, "", p); return p }
		function up(p) { if (!sub(/[^\/]+\/?$/, "", p)) p = ""; return p }
		function kind(p) { p = name(p); if (!sub(/.*\./, "", p)) p = ""; return p }
		BEGIN { while ((getline g < gone) > 0) { n++; file[n] = name(g); area[n] = up(up(g)); suffix[n] = kind(g) } }
		{
			# of the same name anywhere, or of the same kind not further than beside its folder
			for (i = 1; i <= n; i++)
				if (name($0) == file[i] || (area[i] != "" && index($0, area[i]) == 1 && kind($0) == suffix[i])) { print "*/" $0; break }
		}' >"$tmp/candidates"
	if [ -s "$tmp/candidates" ]; then
		{ printf '%s\n' --no-recursion --wildcards --no-wildcards-match-slash; cat "$tmp/candidates"; } >"$tmp/wanted"
		files "$(cat "$state/new")" "$state/new.files" "$tmp/wanted"
	fi
fi
sed -s 's|^\*/||' "$tmp/candidates" 2>/dev/null >"$state/candidates" || :

# ---- the repository; a user's settings of git have no part in it
. "$root/scripts/rebase/scratch-git.sh"
scratch=$state/scratch.new
g init -q
printf '[user]\n\tname = queue\n\temail = queue@localhost\n[core]\n\tautocrlf = false\n\tfsync = none\n[gc]\n\tauto = 0\n[merge]\n' >>"$scratch/.git/config"
printf '\tconflictStyle = diff3\n\tdirectoryRenames = true\n\trenameLimit = 20000\n[advice]\n\tdetachedHead = false\n' >>"$scratch/.git/config"

# tree DIR - the files of DIR that are wanted, as a tree of git
tree() {
	(cd "$1" && while read -r folder; do
		[ ! -d "$folder" ] || find "$folder" -maxdepth 1 \( -type f -o -type l \)
	done <"$tmp/folders"
	while read -r file; do echo "$file"; done <"$state/candidates") | sed 's|^\./||' | sort -u |
		(cd "$1" && while read -r file; do [ ! -e "$file" ] || echo "$file"; done) >"$tmp/paths"
	rm -f "$scratch/.git/index"
	(cd "$1" && git --git-dir="$scratch/.git" --work-tree=. update-index --add --stdin <"$tmp/paths")
	g write-tree
}
if [ "$tarball${TREE:-}" ]; then
	n=0
	commit old/0 "$(tree "$state/old.files")"
	for patch in $(queue); do
		n=$((n + 1))
		if grep -q '^+++ ' "$patches/$patch"; then
			g apply --cached "$patches/$patch" >"$tmp/log" 2>&1 || die "patches/$from/$patch" "does not apply to linux $from" \
				"$(head -n 1 "$tmp/log")" "make prepare LTS=$from must work before its queue can be carried over"
		fi
		commit "old/$n" "$(g write-tree)"
	done
fi
commit new/0 "$(tree "$state/new.files")"
g reset -q --hard new/0

# ---- the options of both: what a patch or a configuration may no longer ask for
if [ -f "$state/old.files/Kconfig" ]; then
	"$root/scripts/rebase/symbols.sh" "$state/old.files" "$state/new.files" >"$state/symbols"
	"$root/scripts/rebase/symbols.sh" "$state/old.files" >"$state/old.symbols"
else
	: >"$state/symbols"
	"$root/scripts/rebase/symbols.sh" "$state/new.files" >"$state/old.symbols"
fi
"$root/scripts/rebase/symbols.sh" "$state/new.files" >"$state/new.symbols"
mv "$scratch" "$state/scratch"
