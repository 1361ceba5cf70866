# memory.jq - who has the memory of the machine at /init, as JSON:
#   jq -Rn --argjson machine KB -f memory.jq build/<line>/log/memory.<line>
# The file has the fields of /proc/meminfo, "FIELD KB" a line, and the kernel's own line
# "Memory: AVAILABLE/PRESENT available (... kernel code, ...)". Result in kB, or null when
# one of the two is absent:
#   machine    the memory of the machine
#   consumers  [name, kB, what it is]; their sum is the machine's memory, as the two rows
#              "the rest" are what no other row explains
#   meminfo    {FIELD: kB}
def kb($text; $what): $text | capture("(?<n>[0-9]+)K " + $what) | .n | tonumber;
reduce inputs as $line ({m: {}, memory: null};
	if $line | startswith("Memory: ") then .memory = $line
	else ($line | capture("^(?<k>[A-Za-z0-9_()]+) (?<v>[0-9]+)$")) as $f | .m[$f.k] = ($f.v | tonumber)
	end)
| .m as $m | .memory as $line
| if ($m.MemTotal and $line) | not then null else
	($line | capture("/(?<n>[0-9]+)K available") | .n | tonumber) as $present
	| [["firmware", $machine - $present, "memory that the firmware does not give to the kernel"],
		["kernel code", kb($line; "kernel code"), "instructions of the image"],
		["kernel constants", kb($line; "rodata"), "read-only data of the image"],
		["kernel variables", kb($line; "rwdata") + kb($line; "bss"), "data and bss of the image"]]
		as $image
	| [["free", $m.MemFree, "MemFree"],
		["page cache", $m.Cached + $m.Buffers, "Cached and Buffers; the initramfs is in it"],
		["slabs, reclaimable", $m.SReclaimable, "SReclaimable: inodes and names of files"],
		["slabs, fixed", $m.SUnreclaim, "SUnreclaim: objects of the kernel"],
		["page tables", $m.PageTables, "PageTables of processes"],
		["kernel stacks", $m.KernelStack, "KernelStack"],
		["processes", $m.AnonPages, "AnonPages"]] as $total
	| {machine: $machine, meminfo: $m, consumers: ($image + [["reserved, the rest",
			$present - $m.MemTotal - ($image[1:] | map(.[1]) | add),
			"taken before the allocator ran and kept: the array of page structures, processors, hash tables"]]
		+ $total + [["allocated, the rest", $m.MemTotal - ($total | map(.[1]) | add),
			"pages of drivers, vmalloc, and free pages on the lists of the processors"]])}
	end
