#!/bin/sh
# make kernel says in one line that upstream has ended the line, from the day after on.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 8
project p
pin 9.0 9.0.9 "file:/none sha256:$(printf %064d 0)"
sed -i 's/eol = .*/eol = 2026-12-31/' "$project/upstream.lock"
pin 9.1 9.1.5 "file:/none sha256:$(printf %064d 0)"
pin 9.2 9.2.1 "file:/none sha256:$(printf %064d 0)"
# shellcheck disable=SC2016 # the script's
printf '#!/bin/sh\n. "$(dirname "$0")/lib.sh"\n. "$root/scripts/lib/eol.sh"\nstep=kernel\ntell_eol\n' >"$project/scripts/told.sh"
# on DAY [LINE] - what is told on that day
on() {
	fake date "echo $1"
	run env PATH="$work/bin:$PATH" LTS="${2:-9.0}" sh scripts/told.sh
}
on 2026-12-30
is "$rc$out$err" 0 "before it"
on 2026-12-31
is "$rc$out$err" 0 "on the last day"
on 2027-01-01
is "$rc $out$err" "0 kernel: warning: linux 9.0: reached its end of life on 2026-12-31: upstream fixes nothing in it any more; 9.2 is maintained" \
	"from the day after on, one line, with the newest line that has not ended"
on 2027-01-01 9.1
is "$rc$out$err" 0 "nothing for another line"
on 2100-01-01 9.2
is "$rc $out$err" "0 kernel: warning: linux 9.2: reached its end of life on 2099-01-02: upstream fixes nothing in it any more" "nor is a line named if all have ended"
sed -i '/eol = 2026/d' "$project/upstream.lock"
on 2100-01-01
is "$rc$out$err" 0 "a pin without an end of life"
git config -f "$project/upstream.lock" line.9.0.eol 2099-12-31
on 2100-01-01
like "$err" 'reached its end of life on 2099-12-31' "the date is that of upstream.lock"
is "$(awk '/^build_kernel\(\)/ { getline; print $1 }' "$top/scripts/kernel/kernel.sh")" tell_eol "make kernel does it when it builds"
