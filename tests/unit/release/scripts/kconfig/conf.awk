# olddefconfig in small: .config, then Kconfig. A symbol that Kconfig has not is
# dropped, one whose dependency is not y is not set.
NR == FNR {
	if (match($0, /^CONFIG_[A-Za-z0-9_]+=/))
		want[substr($0, 8, RLENGTH - 8)] = substr($0, RLENGTH + 1)
	next
}
function put() {
	if (!name)
		return
	if (name in want && want[name] != "n" && (!need || is[need] == "y")) {
		is[name] = want[name]
		print "CONFIG_" name "=" want[name]
	} else {
		print "# CONFIG_" name " is not set"
	}
}
$1 == "config" { put(); name = $2; need = "" }
$1 == "depends" { need = $3 }
END { put() }
