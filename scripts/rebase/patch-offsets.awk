# patch-offsets.awk - summarize patch(1)'s output about a patch, on standard input: how far its
# hunks moved, with how much fuzz, and whether some failed. Prints nothing if all apply in
# place, else one line without a newline.

/ succeeded at / {
	if (match($0, /offset -?[0-9]+/)) {
		offset = substr($0, RSTART + 7, RLENGTH - 7) + 0
		if (!moved || offset < low) low = offset
		if (!moved || offset > high) high = offset
		moved++
	}
	if (match($0, /fuzz [0-9]+/) && substr($0, RSTART + 5, RLENGTH - 5) + 0 > fuzz)
		fuzz = substr($0, RSTART + 5, RLENGTH - 5) + 0
}
/FAILED|No file to patch|can.t find file/ { failed = 1 }

function add(text) {
	line = line (line == "" ? "" : ", ") text
}

END {
	if (moved && low == high)
		add("moved by " low " line" (low == 1 || low == -1 ? "" : "s"))
	else if (moved)
		add("moved by " low " to " high " lines")
	if (fuzz)
		add("fuzz " fuzz)
	if (failed)
		add("its context has changed")
	printf "%s", line
}
