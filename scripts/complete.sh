#!/bin/sh
# complete.sh WORD [TARGET...] - what may replace WORD, the word before the cursor of a make
# command line that has these targets already: a line each. WORD is the beginning of a target
# or of a variable that one of them takes, or NAME=BEGINNING, which gives values without
# NAME=. The only line is "<file>" where the value is the name of a file. completion.bash
# calls it. Exit 0.
. "$(dirname "$0")/lib.sh"
. "$root/scripts/lib/targets.sh"
. "$root/scripts/lib/series.sh"
[ $# != 0 ] || usage "complete.sh WORD [TARGET...]"
cd "$root"
word=$1
shift

# starting BEGINNING - the lines of standard input that have it
starting() { awk -v b="$1" 'index($0, b) == 1'; }

# values FORM TEXT - all values of a variable, by what variables.list says of it
values() {
	case $1 in
	*=1) echo 1 ;;
	*=x.y) lines ;;
	TARGET=*) targets | cut -f 1 ;;
	*=\"NAME...\") basename -a config/features/*.config | sed 's/\..*//' | sort -u ;;
	*=TOPIC/NAME) cd "$patches" && queue | sed 's/\.patch$//' ;;
	*=KIND) printf '%s\n' "${2##*: }" | tr -d ' ' | tr ',' '\n' ;;
	*DIR* | *FILE* | *ADDRESS*) echo "<file>" ;;
	esac
}

case $word in
*=*)
	name=${word%%=*} value=${word#*=} before=
	entry=$(variables | starting "$name=")
	form=${entry%%	*}
	# a list: the last word of it
	case $form,$value in *...\",*' '*) before="${value% *} " ;; esac
	all=$(values "$form" "${entry#*	}")
	[ "$all" = "<file>" ] && echo "$all" && exit
	printf '%s\n' "$all" | sed "/./s|^|$before|" | starting "$value"
	;;
*)
	order=$(for target; do before "$target"; done | sort -u)
	# shellcheck disable=SC2086 # a list
	{ targets | cut -f 1; variables $order | sed 's/=.*/=/'; } | starting "$word"
	;;
esac
