# tap.jq - the rows of a guest as JSON: jq -Rn -f tap.jq CONSOLE
# Rows are "ok N - AREA: NAME [# SKIP REASON]" or "not ok ..."; the "# " lines that follow
# one that is not ok are why. Result:
#   plan   N of "1..N", or null
#   rows   [{n, state: "ok", "skip" or "not ok", area, name, why}], why being the reason or null
reduce (inputs | gsub("[\r\u0000]"; "")) as $line ({plan: null, rows: []};
	if $line | test("^1\\.\\.[0-9]+$") then .plan //= ($line[3:] | tonumber)
	elif $line | test("^(not )?ok [0-9]+") then
		($line | capture("^(?<not>not )?ok (?<n>[0-9]+)( - )?(?<text>.*)$")) as $row
		| ($row.text | capture("^(?<text>.*?)( ?# (?<kind>SKIP) ?(?<why>.*))?$"; "i")) as $t
		| ($t.text | capture("^((?<area>[A-Za-z0-9_ -]{1,20}): ?)?(?<name>.*)$")) as $part
		| .rows += [{n: ($row.n | tonumber), area: ($part.area // "other"), name: $part.name,
			state: (if $row.not then "not ok" elif $t.kind then "skip" else "ok" end),
			why: (if $t.kind then $t.why else null end)}]
	elif ($line | startswith("# ")) and (.rows[-1].state == "not ok") then
		.rows[-1].why = ([.rows[-1].why // empty, $line[2:]] | join("; "))
	else . end)
