# new-options.awk - the options of the new line's .config that are on, that no file requests
# and that the old line did not have.
#   awk -F '\t' -f new-options.awk OLD.SYMBOLS NEW.SYMBOLS OLD.CONFIG FRAGMENT... CONFIG
# The first two are what kconfig-symbols prints for the old and the new release. An option
# is new if it was off in OLD.CONFIG, or, when that is empty, if the old release does not
# define it. Prints "new SYMBOL: VALUE, by default: "PROMPT"" for each that has a prompt.
FILENAME == ARGV[1] { old[$1]; next }
FILENAME == ARGV[2] { if ($2 != "") prompt[$1] = $2; next }
FILENAME == ARGV[3] { known = 1 }
!match($0, /^CONFIG_[A-Za-z0-9_]+=[ym]$/) { next }
{ symbol = substr($0, 8, RLENGTH - 9); value = substr($0, RLENGTH) }
FILENAME == ARGV[3] { was[symbol]; next }
FILENAME != ARGV[ARGC - 1] { requested[symbol]; next }
symbol in prompt && !(symbol in requested) && !(known ? symbol in was : symbol in old) {
	text = prompt[symbol]
	sub(/^[^:]*: /, "", text)
	print "new " symbol ": " value ", by default" (symbol in old ? ", which has changed" : "") \
		": \"" text "\""
}
