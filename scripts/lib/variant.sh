# shellcheck shell=sh
# The builds in build/ and dist/ by their names, sourced after lib.sh.

# as_built NAME COMMAND... - run COMMAND with the LTS, GPU and DEBUG that build/NAME is of
as_built() {
	of=${1%%-*} with_gpu='' with_debug=''
	case $1 in *-gpu*) with_gpu=1 ;; esac
	case $1 in *-debug) with_debug=1 ;; esac
	shift
	env LTS="$of" GPU="$with_gpu" DEBUG="$with_debug" "$@"
}
