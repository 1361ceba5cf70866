#!/bin/sh
# The shortest list of hostile messages: tools/shrink-list with oracles that are not a boot, and
# scripts/boot/shrink.sh with a smoke-hyperv.sh that is none.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
plan 36
sanitized shrink-list
project=$work
# oracle NAME TEXT - a program; $list has ",N,N,...," of its last argument, $n is the run
oracle() {
	cat >"$work/$1" <<-END
		#!/bin/sh
		for list; do :; done
		echo run >>"$work/runs"
		n=\$(wc -l <"$work/runs")
		list=,\$(echo "\$list" | tr , '\n' | while IFS=- read -r first last; do
			seq -s , "\$first" "\${last:-\$first}"; done | tr '\n' ,)
		has() { for m; do case \$list in *,\$m,*) ;; *) return 1 ;; esac; done; }
		$2
	END
	chmod +x "$work/$1"
}
# shrink TRIES LIST ORACLE [ARGUMENT...] - $runs is how often the oracle ran
shrink() {
	: >"$work/runs"
	tries=$1 list=$2 name=$3
	shift 3
	run "$program" "$tries" "$list" "$work/$name" "$@"
	runs=$(wc -l <"$work/runs")
}

# ---- a planted pair among 200: at most 22 runs
# shellcheck disable=SC2016 # the oracle's
oracle pair 'has $1 $2 || exit 1'
for pair in '57 143' '1 200' '199 200' '1 2'; do
	# shellcheck disable=SC2086 # two numbers
	shrink 1 1-200 pair $pair
	is "$rc $(echo "$out" | sed 's/-/,/')" "0 $(echo "$pair" | tr ' ' ,)" "the pair $pair is found"
	ok "[ $runs -le 22 ]" "in $runs runs, at most 22"
done
oracle one 'has 77 || exit 1'
shrink 1 1-200 one
is "$rc $out" "0 77" "one message"
ok "[ $runs -le 12 ]" "in $runs runs, at most 12"
oracle six 'has 3 4 5 90 150 151 || exit 1'
shrink 1 1-96,100,150-200 six
is "$rc $out" "0 3-5,90,150-151" "six messages, of a list with gaps"
shrink 1 3-5,90,150-151 six
is "$rc $out" "0 3-5,90,150-151" "a list that is the shortest already"
oracle all 'true'
shrink 1 1-200 all
is "$rc" 0 "an oracle that always fails"
like "$out" '^[0-9]+$' "has a list of one"
# longer lists pass: whatever comes out has failed
# shellcheck disable=SC2016 # a script
oracle odd 'has 10 || exit 1
[ $(($(echo "$list" | tr -cd , | wc -c) % 7)) != 0 ] || exit 1'
shrink 1 1-200 odd
is "$rc $out" "0 10" "an oracle that fails with some of the longer lists only"

# ---- no result, or not each time
oracle never 'exit 1'
shrink 1 1-200 never
like "$rc $out$err" '^1 ' "an oracle that never fails is an error"
like "$err" '^shrink-list: error: it does not fail with the whole list, tried 1 times$' "which says so"
shrink 3 1-200 never
is "$rc $runs" "1 3" "after as many tries as were asked for"
oracle broken 'exit 2'
shrink 1 1-200 broken
like "$rc $err" 'no result$' "no result is not a failure"
is "$rc" 1 "of the whole list either"
# shellcheck disable=SC2016 # a script
oracle flaky 'has 57 143 && [ $((n % 3)) = 0 ] || exit 1'
shrink 3 1-200 flaky
is "$rc $out" "0 57,143" "a pair that is red each third time, with three tries"
shrink 1 1-200 none
like "$rc $err" '^shrink-list: error: .*/none: No such file or directory$' "an oracle that is not there"

# ---- interrupted in the sixth run
# shellcheck disable=SC2016 # a script
oracle slow 'has 57 143 || exit 1
[ $n != 6 ] || kill $PPID'
shrink 1 1-200 slow
is "$rc $runs" "130 6" "a signal ends it"
# shellcheck disable=SC2016
oracle pair 'has 57 143 || exit 1'
left=$out
run "$work/pair" "$left"
is "$rc" 0 "it has printed a list that fails: $left"
run "$program" 1 "$left" "$work/pair"
is "$rc $out" "0 57,143" "from which it can go on"

for list in '' 0 1- 3-2 2,1 1,,2 1,x 1-9999; do
	[ "$(run "$program" 1 "$list" "$work/pair"; echo $rc)" = 2 ] || echo "$list"
done >"$work/accepted"
is "$(cat "$work/accepted")" "" "lists that are none are a wrong call"

# ---- shrink.sh
project p
pin 9.1 9.1.5 'file:/none sha256:none'
log=$project/build/9.1/log
# a boot in which the messages 20 and 33 make a row red
cat >"$project/scripts/boot/smoke-hyperv.sh" <<END
#!/bin/sh
mkdir -p "$log"
echo "\$SEED \$LTS \$HOSTILE" >>"$work/boots"
list=\${HOSTILE#messages:}
printf 'hvhost: hostile messages:%s: offers of unknown devices: 196 bytes\r\n' "\$list" >"$log/hyperv-host.log"
echo 'ok 9 - vmbus: every offer has a driver' >"$log/hyperv-rows.log"
if "$work/pair" "\$list"; then echo "\$(cat "$work/red")"; else echo 'ok 10 - hostile host: 200 invalid messages'; fi >>"$log/hyperv-rows.log"
exit 1
END
oracle pair 'has 20 33 || exit 1'
echo 'not ok 10 - hostile host: 200 invalid messages' >"$work/red"
run env SEED=7 LTS=9.1 scripts/boot/shrink.sh messages
like "$rc $out" '^0 shrink: messages with seed 7 is red with: 20,33$' "shrink.sh finds the messages of a red row"
like "$out" '^  messages:20,33: offers of unknown devices: 196 bytes$' "and prints what they were"
like "$out" 'SEED=7 HOSTILE=messages:20,33 LTS=9.1 scripts/boot/smoke-hyperv.sh$' "and how to boot with them"
is "$(head -n 1 "$work/boots")" "7 9.1 messages:1-200" "the first boot has all of them"
: >"$work/red"
run env SEED=7 LTS=9.1 scripts/boot/shrink.sh messages
like "$rc $out" '^0 shrink: messages with seed 7 is red with: 20,33$' "a guest that ends in the row is red too"
oracle pair 'exit 1'
run env SEED=7 LTS=9.1 scripts/boot/shrink.sh messages
is "$rc" 1 "a row that is green"
like "$err" '^shrink: error: messages: no list of messages was found' "is an error"
run env LTS=9.1 scripts/boot/shrink.sh messages
is "$rc" 2 "without a seed it is a wrong call"

# the names of the rows
. "$top/scripts/boot/hostile-rows.sh"
named=$(sed -n 's/^\tfor name in \(.*\); do$/\1/p' "$top/scripts/boot/hostile-rows.sh")
is "$(for name in $named; do hostile_row "$name"; done)" \
	"$(sed -n 's/^\t{ "\([^"]*\)", hostile.*/\1/p' "$top/tests/guest/probes/hyperv_hostile.c")" "each row of the hostile host has a name, in their order"
is "$(for name in $named; do hostile_numbers "$name"; done | grep -c '^1-[0-9]*$')" "$(echo "$named" | wc -w)" "and numbers"
