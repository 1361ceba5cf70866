#!/bin/sh
# make report: the data of a miniature build, each figure of which is known; a build that
# left nothing; files that are broken; texts that would end the script element. The page
# itself is drawn in report-page.t.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/report-data.sh"
plan 54
project p
build_tools image-sizes
project p
# got FILTER - of the last report's data
got() { jq -c "$1" "$project/build/9.1/report/data.json"; }
# embedded - the data element of the page
embedded() { sed -n '/<script type="application\/json"/,/<\/script>/p' "$project/dist/9.1/report.html" | sed '1d;$d'; }
report() { run env LTS=9.1 scripts/report/report.sh; }

# ---- nothing to report on
pin 9.1 9.1.5 "file:/nowhere sha256:$(printf '%064d' 0)"
report
like "$rc $err" '^1 report: error: dist/9.1/bzImage: is not built$' "no image, no report"
mkdir -p "$project/dist/9.1"
echo '{"release": ' >"$project/dist/9.1/manifest.json"
report
like "$rc $err" '^1 report: error: dist/9.1/manifest.json: is not a manifest$' "a manifest that is cut off"
is "$(ls "$project/dist/9.1")" manifest.json "no page is written then"
echo '{"line": "9.1", "release": "9.1.5-wsl3", "outputs": {}, "toolchain": {}, "patches": []}' >"$project/dist/9.1/manifest.json"
report
is "$rc$err" 0 "an image alone"
like "$out" '^report: no data for boot size memory bench smoke hyperv devices; the page names the targets$' "what has no data is told"
is "$(got '[.boot, .size, .memory, .bench, .smoke, .hyperv, .devices] | unique')" '[null]' "and is null in the data"

# ---- everything
project p
report_data
report
is "$rc$err $out" "0 report: wrote dist/9.1/report.html" "a build with everything"
is "$(embedded | jq -cS .)" "$(got . | jq -cS .)" "the page has the data"
is "$(got '[.boot.end, (.boot.phases | length), (.boot.lines | length)]')" '[20000,3,5]' "the boot ends at /init"
is "$(got .boot.phases)" '[["before the initcalls",0,6000],["initcalls",6000,11010],["to /init",17010,2990]]' "its phases"
is "$(got .boot.initcalls)" '[["console_init",1000,100,0],["hv_init",6000,10000,0],["tun_init",16010,1000,-19]]' "its initcalls"
is "$(got '[.boot.gaps[] | .[1:]]')" '[[0,900],[1100,3900],[5000,1000],[17010,2990]]' "and the time without a message"
is "$(got .size.total)" "$(size "$project/dist/9.1/vmlinux" | awk 'NR == 2 { print $4 }')" "the size of the image"
is "$(got '[.size.missing, .size.tree.children[0].children[0].name, .size.tree.children[0].children[1].bytes]')" '[0,"ipv4/",896]' \
	"and of its objects"
is "$(got '.memory.consumers | map(.[1]) | add')" 524288 "the consumers have all memory"
is "$(got '.memory.consumers | map({(.[0]): .[1]}) | add | [.firmware, .["kernel code"], .["kernel variables"], .["reserved, the rest"], .free, .["allocated, the rest"]]')" \
	'[520,9000,1500,9268,460000,22350]' "each its part"
is "$(got '.bench.figures[0], .bench.figures[6]')" '["boot_ns_512",100200300,400000000,0.251,null]
["returned_pct_2s",100,0,null,null]' "bench figures beside the baseline's"
is "$(got '[.queue[] | [.name, .upstream, .built]]')" '[["hyperv/bus","none",true],["hyperv/text","https://example.org/mail?a=1&b=2 plain",false]]' \
	"the queue: what is upstream, what is in the image"
is "$(got '.queue[0].probes | map([.guest, .state, .why])')" '[["smoke","ok",null],["smoke-hyperv","skip","is in the guest"]]' "and its probes"
is "$(got '[.smoke.plan, .smoke.fault]')" '[5,null]' "smoke has passed"
is "$(got '[.smoke.rows[1] | .area, .name, .state, .why]')" '["trace","perf","skip","needs a <PMU>"]' "a row that is skipped, and why"
is "$(got '.hyperv.fault')" '"1 of 2 rows are not ok: not ok 1 - hv_sock: 16 MB to the host;"' "smoke-hyperv has not"
is "$(got '[.hyperv.rows[0] | .area, .state, .why]')" '["hv_sock","not ok","connect: plain"]' "a row that is not ok, and why"
like "$(got '.features | map(.name)')" '"trace"' "the features"
is "$(got '.features[] | select(.name == "trace" or .name == "nfs") | .text')" '""
"see what the kernel does"' "each with the sentence at its head"
is "$(got '[.devices[] | [.driver, .build, .group]]')" \
	'[["drivers/hv/vmbus","built in","the bus"],["drivers/net/tun","module","the bus"],["drivers/absent","not built","the bus"]]' \
	"the devices of the line"
is "$(got '.source.boot | .file, .older')" '"build/9.1/log/boot.9.1"
false' "each part has its file"
touch -d 2025-12-31 "$project/build/9.1/log/console.log"
report
is "$(got '[.source.smoke.older, .source.hyperv.older]')" '[true,false]' "and whether it is older than the image"

# ---- the page
page=$project/dist/9.1/report.html
is "$(grep -cE '^@[A-Z]+@$' "$page")" 0 "every part of the page is in its place"
is "$(grep -oE '(src|href)="[^"#]*"' "$page" | grep -v 'href="data:,"')" "" "it loads nothing"
like "$(cat "$page")" "content=\"default-src 'none'; " "and says so to the browser"
is "$(grep -cE 'innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(' "$page")" 0 "its script parses no HTML"
is "$(cd "$project" && find build/9.1/report dist/9.1 -name '*.new')" "" "no temporary file is left"

# ---- the figures of the last report
is "$(got .bench.last)" null "one report has no last one, and running it again makes none"
jq '.image.boot_ns_512 = 90000000 | .release = "9.1.6-wsl1"' "$project/build/9.1/bench.json" >"$work/bench.json"
cp "$work/bench.json" "$project/build/9.1/bench.json"
report
is "$(got '[.bench.figures[0][1], .bench.figures[0][4], .bench.last.release]')" '[90000000,100200300,"9.1.5-wsl3"]' "new figures, beside those of the last"
report
is "$(got '[.bench.figures[0][1], .bench.figures[0][4]]')" '[90000000,100200300]' "a second report of them keeps these"
echo '{' >"$project/build/9.1/report/last.json"
report
is "$rc$err$(got .bench.last)" 0null "a last report that is broken is none"
echo '{' >"$project/build/9.1/report/figures.json"
report
is "$rc$err" 0 "figures that are broken are replaced"

# ---- texts that mean something to HTML
hostile='</script><script>alert(1)</script> <!-- & "quoted" '\''single'\'' \u003c/script> <img src=x onerror=alert(2)>'
project p
report_data "$hostile"
report
is "$rc$err" 0 "hostile texts"
page=$project/dist/9.1/report.html
is "$(grep -oi '<script' "$page" | wc -l)" 2 "make no script element"
is "$(grep -oi '</script' "$page" | wc -l)" 2 "and end none"
is "$(embedded | grep -c '<')" 0 "no < is in the data"
is "$(embedded | jq -r '.queue[1].subject')" "$hostile" "a subject is what it was"
is "$(embedded | jq -r '.devices[0].why, .boot.lines[1][1], .smoke.rows[4].name, (.hyperv.rows[0].why | ltrimstr("connect: "))' | sort -u)" "$hostile" \
	"and so are the others"
is "$(grep -c '^$' "$page")$(grep -c '@DATA@' "$page")" "$(cat "$top"/scripts/report/*.css "$top"/scripts/report/*.js | grep -c '^$')0" "the page is not cut"

# ---- files that are broken
project p
report_data
echo '{"image": ' >"$project/build/9.1/bench.json"
report
like "$rc $err" '^0 report: warning: build/9.1/bench.json: cannot be read: ' "figures that are cut off"
is "$(got .bench)" null "are no data"
echo '[]' >"$project/build/9.1/bench.json"
head -c 3000 /dev/urandom >"$project/build/9.1/log/boot.9.1"
head -c 3000 /dev/urandom >"$project/build/9.1/log/memory.9.1"
head -c 3000 /dev/urandom >"$project/build/9.1/log/console.log"
echo text >"$project/dist/9.1/vmlinux"
report
is "$rc" 0 "random bytes"
is "$(got '[.boot, .size, .memory, .bench]')" '[null,null,null,null]' "are no data either"
like "$(got .smoke.fault)" 'without a plan line' "nor a pass"
sed -i '/^Memory/d; s/.*/MemTotal 500000/' "$project/build/9.1/log/memory.9.1"
printf '100 calling x_init+0x0/0x10 @ 1\n200 more\n' >"$project/build/9.1/log/boot.9.1"
: >"$project/build/9.1/log/console.log"
report
is "$rc$(got '[.boot, .memory, .smoke]')" '0[null,null,null]' "logs that end early"
printf '\000TAP\r\n1..1\r\nok 1 - a: b\r\n' >"$project/build/9.1/log/console.log"
report
is "$(got '.smoke.rows[0] | .area, .name')" '"a"
"b"' "carriage returns and NUL bytes of a console"
(cd "$project/build/9.1/obj" && ld -e f_tcp -o "$project/dist/9.1/vmlinux" net/ipv4/tcp.o && rm net/core.o)
report
is "$rc$(got .size)" 0null "objects that are gone have no sizes"
run scripts/report/report.sh too many
like "$rc $err" '^2 usage: ' "arguments"
