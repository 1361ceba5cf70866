# shellcheck shell=bash
# Completion of make's targets, variables and values in this project, for bash:
#   . scripts/completion.bash       in a shell, or with the full path in ~/.bashrc
# What there is to complete comes from complete.sh. In other directories make is completed
# as before: by bash-completion where it is installed, otherwise by file names.
_wsl_kernel_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# the function that completed make before this file was read, if there was one
_wsl_kernel_other=
if [[ $(complete -p make 2>/dev/null) =~ \ -F\ ([^ ]+) && ${BASH_REMATCH[1]} != _wsl_kernel_make ]]; then
	_wsl_kernel_other=${BASH_REMATCH[1]}
fi

# _wsl_kernel_elsewhere ARG... - what completes make outside the project
_wsl_kernel_elsewhere() {
	if [[ ! $_wsl_kernel_other ]]; then
		_wsl_kernel_other=:
		complete -r make 2>/dev/null
		# it defines its function when make is completed for the first time
		{ _comp_load make || _completion_loader make; } >/dev/null 2>&1
		if [[ $(complete -p make 2>/dev/null) =~ \ -F\ ([^ ]+) ]]; then
			_wsl_kernel_other=${BASH_REMATCH[1]}
		fi
		complete -o bashdefault -o default -F _wsl_kernel_make make
	fi
	"$_wsl_kernel_other" "$@"
}

_wsl_kernel_make() {
	local line=${COMP_LINE:0:COMP_POINT} dir=. lts='' word='' open='' entry i
	local -a given=()
	COMPREPLY=()
	# words of the line: bash splits COMP_WORDS at = too, and a value in quotes has blanks
	for ((i = 0; i < ${#line}; i++)); do
		case ${line:i:1}$open in
		[\"\']) open=${line:i:1} ;;
		\"\" | \'\') open= ;;
		[[:space:]]) given+=("$word") word= ;;
		*) word+=${line:i:1} ;;
		esac
	done
	for ((i = 1; i < ${#given[@]}; i++)); do
		case ${given[i]} in
		-C) dir=${given[i + 1]:-} ;;
		-C?*) dir=${given[i]#-C} ;;
		LTS=*) lts=${given[i]#LTS=} ;;
		esac
	done
	dir=${dir/#\~/$HOME}
	if [[ $word == -* || ${given[-1]} == -C || ! $dir -ef $_wsl_kernel_root ]]; then
		_wsl_kernel_elsewhere "$@"
		return
	fi
	while IFS= read -r entry; do
		[[ $entry != "<file>" ]] || { mapfile -t COMPREPLY < <(compgen -f -- "${word#*=}"); compopt -o filenames; return; }
		COMPREPLY+=("$entry")
	done < <(LTS=$lts "$_wsl_kernel_root/scripts/complete.sh" "$word" "${given[@]:1}" 2>/dev/null)
	[[ ${COMPREPLY[*]} != *= ]] || compopt -o nospace
}
complete -o bashdefault -o default -F _wsl_kernel_make make
