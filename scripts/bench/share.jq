# share.jq - the host's share of a guest's free memory; called by bench-memory.sh with the
# lines "NAME KEY KB KEY KB... HOST" of a guest, HOST being the host's memory behind the guest's
# in kB. Gives {NAME: {KEY, ..., host, pct}}; tests/bench/fragmented.c has the keys.
#
# pct is what the host has back of D = free + reclaimable - left, where left is what WSL leaves
# to the guest. At "touched" the host has all memory that the guest can have: what it has less
# since is what it has back. Memory that was never touched is not in either.
[split("\n")[] | select(. != "") | split(" ") | . as $word | {key: $word[0], value:
	([range(1; length - 1; 2) | {($word[.]): ($word[. + 1] | tonumber)}] | add +
	{host: ($word[-1] | tonumber)})}] |
from_entries | .touched.host as $all |
map_values(.pct = (($all - .host) * 1000 / (.free + .reclaimable - .left) | floor / 10))
