# port-fragment.awk - a line's configuration fragment for the new line.
#   awk -v from=OLD -v line=NEW -v name=FILE -v report=REPORT -f port-fragment.awk SYMBOLS FRAGMENT
# SYMBOLS has "SYMBOL REPLACEMENT" for each option that the new release does not define, "-"
# for none. Prints FRAGMENT: such an option becomes its replacement or is left out, and with
# the last option of a paragraph its comment. In the first line NEW stands for OLD. Appends
# a line for each to REPORT, where FILE is the fragment's new name.

# print the paragraph, unless all its options are left out
function flush(i) {
	if (!gone || kept)
		for (i = 1; i <= n; i++)
			print text[i]
	n = gone = kept = requests = 0
}
FILENAME == ARGV[1] { replacement[$1] = $2; next }
FNR == 1 { gsub(/\./, "\\.", from); gsub(from, line) }
{
	symbol = ""
	if (match($0, /^CONFIG_[A-Za-z0-9_]+=/))
		symbol = substr($0, 8, RLENGTH - 8)
	else if ($0 ~ /^# CONFIG_[A-Za-z0-9_]+ is not set$/)
		symbol = substr($2, 8)
}
symbol == "" {
	# a comment after options begins the next paragraph
	if (requests || $0 == "")
		flush()
	text[++n] = $0
	if ($0 == "")
		flush()
	next
}
{ requests = 1 }
!(symbol in replacement) { text[++n] = $0; kept++; next }
replacement[symbol] == "-" {
	gone++
	print "gone " symbol ": left out of " name ", no Kconfig of the new release defines it" >>report
	next
}
{
	sub("CONFIG_" symbol, "CONFIG_" replacement[symbol])
	text[++n] = $0
	kept++
	print "renamed " symbol ": " replacement[symbol] " in " name ", which has its prompt" >>report
}
END { flush() }
