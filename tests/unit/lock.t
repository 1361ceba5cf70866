#!/bin/sh
# upstream.lock, LTS= and the series link: what is missing or invalid is named before
# anything is done.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 34
zeros=0000000000000000000000000000000000000000000000000000000000000000
project p
pin 9.1 9.1.5 "file:/none/linux-9.1.5.tar.xz sha256:$zeros"
pin 9.2 9.2.1 "file:/none/linux-9.2.1.tar.xz sha256:$zeros"
cp "$project/upstream.lock" "$work/good"

# refused LTS REGEX NAME - fetch stops with that error
refused() {
	run env LTS="$1" scripts/source/fetch.sh
	like "$rc $err" "^1 fetch: error: $2" "$3"
	cp "$work/good" "$project/upstream.lock"
}
# damaged SED REGEX NAME - the same for line 9.1 and a lock edited with SED
damaged() {
	sed -i "$1" "$project/upstream.lock"
	refused 9.1 "upstream.lock: $2" "$3"
}

refused 9.3 'LTS=9.3: upstream.lock pins no such line$' "a line that is not pinned"
like "$err" '^  pinned: 9.1 9.2 $' "the pinned ones are listed"
refused 9 'LTS=9: upstream.lock pins no such line$' "the start of a line's name"
refused 9.10 'LTS=9.10: upstream.lock pins no such line$' "a longer name"
refused ../x 'LTS=../x: is not the name of a long-term line$' "a path in the place of a line"
refused '9.1 ' 'LTS=9.1 : is not the name' "a blank behind it"
refused .. 'LTS=..: is not the name' "dots"
damaged '2d' '\[line "9.1"\] has no version$' "no version"
damaged '2s/9.1.5/9.2.5/' '\[line "9.1"\] has version 9.2.5, which is not a release of 9.1$' "a version of another line"
damaged '2s/9.1.5/9.1.5-rc1/' '\[line "9.1"\] has version 9.1.5-rc1, which' "a release candidate"
damaged '2s/9.1.5/9x1.5/' '\[line "9.1"\] has version 9x1.5, which' "a dot that is none"
damaged '2s/$/\n\tversion = 9.1.6/' '\[line "9.1"\] has version 9.1.5 9.1.6' "two versions"
damaged '3d' '\[line "9.1"\] has no released$' "no date"
damaged '3s/=.*/= 2.1.2026/' '\[line "9.1"\] has released 2.1.2026, expected YYYY-MM-DD$' "a date in another form"
damaged '5s/=.*/= two/' '\[line "9.1"\] has revision two, expected a number$' "a revision in words"
damaged '6s/=.*/= 1a2b3c/' '\[line "9.1"\] has inputs 1a2b3c, expected 7 hex digits$' "a hash that is too short"
damaged '7d' '\[line "9.1"\] has no signer$' "no signer"
damaged '7s/.$//' '\[line "9.1"\] has signer [0-9A-F]{39}, expected a fingerprint' "a signer that is too short"
damaged '8d' '\[line "9.1"\] has no source$' "no source"
damaged '8s/0$//' '\[line "9.1"\] source .*: sha256:0{63} is not 64 hex digits$' "a digest that is too short"
damaged '8s/ sha256:.*//' '\[line "9.1"\] source .* has neither sha256:.* nor sign:' "a source with nothing to verify it by"
damaged '8s/sha256:/md5:/' '\[line "9.1"\] source .*: "md5:0{64}" is neither' "another kind of digest"
echo '[line "9' >>"$project/upstream.lock"
run scripts/source/fetch.sh
is $rc 1 "a lock that git cannot read"
like "$err" '^fetch: error: upstream.lock: git cannot read it$' "is named"
cp "$work/good" "$project/upstream.lock"

# ---- the active line
run make
like "$rc $out" '^Lines, for LTS=: 9.1 \(active\), 9.2$' "make alone prints the help, with the lines"
run make nonsense
is $rc 2 "an unknown target is an error"
ln -sfn patches/9.2/series "$project/series"
run make help
like "$out" ': 9.1, 9.2 \(active\)$' "the series link says which line is active"
rm "$project/series"
run scripts/source/fetch.sh
like "$rc $err" '^1 fetch: error: series: is not a symbolic link to patches/<line>/series$' \
	"no link"
like "$err" '^  restore it: ln -sf ' "and how to restore it"
cp "$project/patches/9.1/series" "$project/series"
run scripts/source/fetch.sh
like "$rc $err" '^1 fetch: error: series: is not a symbolic link' \
	"a file in its place, as Windows checks it out"
ln -sf elsewhere "$project/series"
run scripts/source/fetch.sh
like "$rc $err" '^1 fetch: error: ' "a link to elsewhere"

# ---- where kbuild cannot work
refused=
for sign in ' ' '"' '#' '$' % '&' "'" '(' ')' '*' ',' : ';' '<' = '>' '?' '[' \\ ']' '`' '|'; do
	mv "$project" "$work/a${sign}b"
	project=$work/a${sign}b
	run scripts/source/fetch.sh
	[ "$rc" = 1 ] && [ "${err#*"error: $project: the path of the project has a character in it that"}" != "$err" ] ||
		refused="$refused not:$sign"
done
is "$refused" "" "a path with a character that kbuild cannot take is refused, whichever"
run make kernel
like "$err" '^  move the project to a path without one$' \
	"by make, too, and the error says what to do"
mv "$project" "$work/a+@^~{x}-_é!.b"
project="$work/a+@^~{x}-_é!.b"
ln -sfn patches/9.1/series "$project/series"
run make help
is "$rc$err" 0 "one with other characters is not"
