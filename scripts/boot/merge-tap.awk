# awk -f merge-tap.awk part=plan ROWS part=guest CONSOLE part=host ROWS - one TAP of the
# guest's and the host's rows: CONSOLE with its plan increased by that of ROWS, then ROWS
# numbered after the guest's. Either plan may come last; ROWS may be empty.
part == "plan" {
	if (sub(/^1\.\./, "")) host = $0
	next
}
part == "guest" && /^1\.\.[0-9]+$/ {
	sub(/^1\.\./, "")
	guest = $0
	print "1.." guest + host
	next
}
part == "host" && /^1\.\./ { next }
part == "host" && /^(not )?ok / { $(($1 == "not") + 2) += guest }
{ print }
