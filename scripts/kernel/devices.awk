# devices.awk - compare the drivers of a build with config/devices.list.
#   awk -v line=LTS -v without=FEATURES -v count=FILE -f devices.awk devices.list -
# Standard input has modules.builtin and modules.order: "kernel/DRIVER.ko" or "DRIVER.o" a
# line, as old and new kernels write them. Prints "DRIVER is built and not listed",
# "DRIVER is listed and not built" (unless features are left out), and the malformed lines
# of the list; writes the number of drivers to FILE.
FILENAME != "-" {
	if (/^#/ || !NF)
		next
	if (NF < 3 || $2 !~ /^(\*|[0-9.,]+)$/) {
		print "line " FNR " is not DRIVER LINES REASON"
		next
	}
	if ($2 == "*" || index("," $2 ",", "," line ","))
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
