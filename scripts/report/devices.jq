# devices.jq - the drivers of config/devices.list for LINE as JSON:
#   jq -Rn --arg line_name LINE -f devices.jq
# Input: lines of modules.builtin, modules.order and devices.list behind "builtin:",
# "module:" and "list:". Result: [{driver, group, build: "built in", "module" or "not built",
# why}], in the order of the list. A driver of an optional feature (LINES+FEATURE) is left
# out where it is not built.
def driver: sub("^kernel/"; "") | sub("\\.k?o$"; "");
reduce inputs as $line ({built: {}, rows: [], group: ""};
	($line | capture("^(?<from>[a-z]+):(?<text>.*)$")) as {$from, $text}
	| if $from == "builtin" then .built[$text | driver] = "built in"
	elif $from == "module" then .built[$text | driver] = "module"
	elif $text | startswith("# ---- ") then .group = $text[7:]
	elif $text | test("^[^#\\s]\\S*\\s+\\S+\\s+\\S") then
		($text | capture("^(?<driver>\\S+)\\s+(?<lines>[^\\s+]+)(?<optional>\\+\\S+)?\\s+(?<why>.*)$")) as $d
		| .built[$d.driver] as $build
		| if ($d.lines == "*" or ($d.lines | split(",") | index($line_name))) and
			($build or ($d.optional | not))
		then .rows += [{driver: $d.driver, group, build: ($build // "not built"), why: $d.why}]
		else . end
	else . end)
| .rows
