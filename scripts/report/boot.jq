# boot.jq - the boot as JSON: jq -Rn -f boot.jq build/<line>/log/boot.<line>
# A line of the log is "MICROSECONDS TEXT", with initcall_debug. Result, times in
# microseconds of the kernel's clock, or null when the log has no initcall:
#   end        the last line up to "Run /init"
#   phases     [name, from, took]
#   initcalls  [name, from, took, what it returned], in order
#   gaps       [the text that ended it, from, took]: 500 us and more without a line and
#              outside an initcall
#   lines      [time, text] of what the kernel said
def name: split("+")[0];
reduce (inputs | capture("^(?<us>[0-9]+) (?<text>.*)$")? | .us |= tonumber) as {$us, $text}
	({began: {}, initcalls: [], gaps: [], lines: [], up: false, init: null, last: 0};
	if .init then .
	else
		($text | split(" ") | map(select(. != ""))) as $word
		| (if $word[0] == "calling" and ($word | length) > 1 then
			.began[$word[1] | name] = $us
			| .first //= (if .up then $us else null end)
		elif $word[0] == "initcall" and $word[2] == "returned" then
			($word[1] | name) as $n
			| .began[$n] as $from
			| if $from then .initcalls += [[$n, $from, $us - $from, ($word[3] | tonumber? // $word[3])]]
				| del(.began[$n]) | .inside = true
			else . end
		else
			.lines += [[$us, $text]]
			| .up = (.up or ($text | startswith("Freeing SMP alternatives")))
			| .init = (if ($text | startswith("Run /init")) then $us else null end)
		end)
		| (if ($us - .last) >= 500 and (.inside | not) and (.began == {} or $word[0] == "calling")
			then .gaps += [[$text, .last, $us - .last]] else . end)
		| .last = $us | .inside = false
	end)
| if .initcalls == [] then null else
	(.first // .initcalls[0][1]) as $first
	| (.initcalls | map(.[1] + .[2]) | max) as $done
	| {end: .last,
		phases: ([["before the initcalls", 0, $first], ["initcalls", $first, $done - $first]] +
			if .init then [["to /init", $done, .init - $done]] else [] end),
		initcalls, gaps, lines}
	end
