# devices.awk - compare the drivers of a build with config/devices.list.
#   awk -v line=LTS -v without=FEATURES -v with=FEATURES -v count=FILE \
#       -f devices.awk devices.list -
# Standard input has modules.builtin and modules.order: "kernel/DRIVER.ko" or "DRIVER.o" a
# line, as old and new kernels write them. Prints "DRIVER is built and not listed",
# "DRIVER is listed and not built" (unless features are left out), and the malformed lines
# of the list; writes the number of drivers to FILE. An entry whose LINES end in +FEATURE
# counts only if that is one of with.
FILENAME != "-" {
	if (/^#/ || !NF)
		next
	if (NF < 3 || $2 !~ /^(\*|[0-9.,]+)(\+[a-z]+)?$/) {
		print "line " FNR " is not DRIVER LINES REASON"
		next
	}
	split($2, lines, "+")
	if (lines[2] && !index(" " with " ", " " lines[2] " "))
		next
	if (lines[1] == "*" || index("," lines[1] ",", "," line ","))
		listed[$1]
	next
}
{
	sub(/^kernel\//, "")
	sub(/\.k?o$/, "")
	name = $0
	sub(/.*\//, "", name)
	# the ends of a bus live with their subsystem
	if (!/^(drivers|sound)\// && name !~ /virtio|(^|_)hv(_|$)/)
		next
	built[$0]
	n++
	if (!($0 in listed))
		print $0 " is built and not listed"
}
END {
	for (driver in listed)
		if (!(driver in built) && without == "")
			print driver " is listed and not built"
	print n + 0 >count
}
