# replace-section.awk FILE - print a git config file with one section replaced. header is the
# section's first line, section a file with its new lines. If FILE has no such section, it is
# added before the first [link ...], or at the end. Everything else keeps its bytes: comments
# and blank lines between two sections belong to the second.

function print_new(  line) {
	while ((getline line < section) > 0)
		print line
	done = 1
}

function print_held() {
	printf "%s", held
	held = ""
}

/^\[/ && $0 == header {
	print_held()
	print_new()
	skip = 1
	next
}
/^\[/ {
	if (/^\[link/ && !done) {
		print ""
		print_new()
	}
	print_held()
	skip = 0
}
/^(#|$)/ { held = held $0 "\n"; next }
!skip { print_held(); print }

END {
	print_held()
	if (!done) {
		print ""
		print_new()
	}
}
