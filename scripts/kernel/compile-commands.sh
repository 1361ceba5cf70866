#!/bin/sh
# Write build/<line>/src/compile_commands.json, which tells clangd and other editors how each
# file was compiled, from what kbuild keeps beside the objects of the last make kernel. It is
# no edit of the tree. Exit 0 done, 1 error.
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] || usage "LTS=x.y compile-commands.sh"
need jq
lock "build/$tree_name" "$root/build/$tree_name"
tempdir
# shellcheck disable=SC2016 # make's own
# kbuild writes "[saved]cmd_OBJECT := COMMAND FILE ; MORE", for make: $$ is $, $(pound) is #.
# tools/ is compiled in other directories.
find "$obj" -path "$obj/tools" -prune -o -name '.*.o.cmd' -exec sed -n \
	's/^\(saved\)\{0,1\}cmd_[^ ]*\.o := \(ccache \)\{0,1\}\(.* \)\([^ ]*\.[cS]\) *\(;.*\)\{0,1\}$/\4\t\3\4/p' {} + |
	sed 's/\$(pound)/#/g; s/\$\$/$/g' | sort >"$tmp/commands"
[ -s "$tmp/commands" ] || die "build/$variant/obj" "has no compiled file" "run make kernel LTS=$LTS$gpu"
jq -R -n --arg directory "$obj" '[inputs | split("\t") | {$directory, file: .[0], command: .[1]}]' \
	"$tmp/commands" | replace "$src/compile_commands.json"
say "build/$tree_name/src/compile_commands.json has $(wc -l <"$tmp/commands") files"
