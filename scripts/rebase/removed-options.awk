# removed-options.awk SYMBOLS DIFF - the options of SYMBOLS ("SYMBOL SUCCESSOR" a line, "-"
# for none) that lines added by DIFF use: "option FILE SYMBOL SUCCESSOR" a line, each once
# per file.

FILENAME == ARGV[1] { successor[$1] = $2; next }
/^\+\+\+ b\// { file = substr($0, 7); next }
/^\+/ {
	while (match($0, /CONFIG_[A-Za-z0-9_]+/)) {
		symbol = substr($0, RSTART + 7, RLENGTH - 7)
		$0 = substr($0, RSTART + RLENGTH)
		if (symbol in successor && !seen[file, symbol]++)
			print "option", file, symbol, successor[symbol]
	}
}
