# port-list.awk - entries of devices.list, omitted.list or cmdline.list for the new line.
#   awk -v from=OLD -v line=NEW -f port-list.awk LIST
# An entry is "NAME LINES REASON"; LINES may end in +FEATURE. Prints the list with NEW added
# to the LINES that have OLD. The reasons stay in their column as far as there is room.
{ lines = $2; sub(/\+.*/, "", lines) }
!/^#/ && NF > 2 && index("," lines ",", "," from ",") && !index("," lines ",", "," line ",") {
	at = index($0, " " $2) + length(lines) + 1
	rest = substr($0, at)
	for (i = length(line) + 1; i > 0 && rest ~ /^  /; i--)
		rest = substr(rest, 2)
	$0 = substr($0, 1, at - 1) "," line rest
}
{ print }
