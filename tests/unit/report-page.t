#!/bin/sh
# The page of make report in Chromium, at 400 and 1600 pixels, light and dark: it draws
# without an error, no figure differs from the data, and keys reach everything. SHOTS=DIR
# keeps the screenshots.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../lib/project.sh"
. "$(dirname "$0")/../lib/report-data.sh"
. "$(dirname "$0")/../lib/browser.sh"
rows=45
plan $rows
command -v chromium >/dev/null || { skip $rows "chromium is not installed"; exit 0; }
finish() {
	[ -z "$browser" ] || { kill "$browser"; wait "$browser" || :; } 2>/dev/null
	rm -rf "$work"
}
hostile='</script><img src=x onerror="document.title=1"><b>&amp; "q"'
project p
build_tools image-sizes
project p
report_data "$hostile"
LTS=9.1
export LTS
run scripts/report/report.sh
jq '.image.boot_ns_512 = 90000000' "$project/build/9.1/bench.json" >"$work/bench.json"
mv "$work/bench.json" "$project/build/9.1"
run scripts/report/report.sh
is "$rc$err" 0 "a report"
rc=0
{ browse && visit "$project/dist/9.1/report.html"; } || rc=1
ok $rc "Chromium opens it"
[ $rc = 0 ] || { note "$(tail -n 5 "$work/browser/log")"; exit 1; }
text_of() { value "document.querySelector('$1').textContent"; }

# ---- what is on it
is "$(complaints)" "" "nothing is on the console"
is "$(value 'document.title')" '"9.1.5-wsl3: kernel report"' "its title, which no text of the data could set"
is "$(value '[...document.querySelectorAll("main > section")].map((s) => s.id).join(" ")')" \
	'"boot size memory bench queue features devices build"' "every section is there"
is "$(value 'document.querySelectorAll("main img, main b, main script").length')" 0 "no text became an element"
is "$(value 'document.querySelector("#queue tbody tr:nth-child(2) th span").lastChild.textContent')" "$(jq -n --arg t "$hostile" '$t')" "a subject with < & and quotes"
is "$(value 'document.querySelector("#queue a").href')" '"https://example.org/mail?a=1&b=2"' "the address upstream is a link"
ok "[ $(value 'document.querySelectorAll("data").length') -ge 40 ]" "there are figures"
# each figure names its place in the JSON: format that again, without the page's script
differ='[...document.querySelectorAll("data")].filter((d) => {
	const json = JSON.parse(document.getElementById("data").textContent);
	const value = d.dataset.path.split(".").reduce((v, k) => v[k], json);
	return typeof value !== "number" || Number(d.value) !== value || d.textContent.replace(/,/g, "") !==
		(value / d.dataset.scale).toFixed(d.dataset.digits);
}).map((d) => d.dataset.path + "=" + d.textContent).join(" ")'
is "$(value "$differ")" '""' "every figure is that of the data"
is "$(value 'document.querySelector("#bench tbody tr").textContent')" '"kernel start to /init, 512 MB, ms90.0400.00.251100.2−10.2 %"' "a bench figure beside the baseline's and the last report's"
is "$(value '[...document.querySelectorAll("#memory tbody data")].reduce((n, d) => n + Number(d.value), 0)')" 64288 "the consumers of memory that are drawn have all that is not free"
is "$(value '[...document.querySelectorAll("#boot tbody th")].map((t) => t.textContent).join(" ")')" '"hv_init tun_init console_init"' "the timeline has its table, the longest first"
is "$(value 'document.querySelectorAll("#timeline rect.call").length')" 3 "and a bar for each initcall"
is "$(value '[document.querySelector("#treemap .tile .label"), ...document.querySelectorAll("#size tbody th")].map((t) => t.textContent).join(" ")')" \
	'"net/ net/ (linker)/"' "the treemap has its table too, the largest first"
like "$(text_of '#size p')" 'bytes, of which' "and its total"
is "$(value 'performance.getEntriesByType("resource").length')" 0 "nothing was loaded"

# ---- wide, narrow, light, dark
for colours in light dark; do
	cdp Emulation.setEmulatedMedia "{\"features\": [{\"name\": \"prefers-color-scheme\", \"value\": \"$colours\"}]}"
	for width in 400 1600; do
		screen $width 900
		is "$(value 'new Promise((done) => setTimeout(() => done(document.documentElement.scrollWidth), 300))')" $width \
			"$width pixels, $colours: no part is wider than the page"
		[ -z "${SHOTS:-}" ] || shot "$SHOTS/report-$colours-$width.png"
	done
done
dark='rgb(20, 23, 27)'
is "$(value 'getComputedStyle(document.body).backgroundColor')" "\"$dark\"" "dark colours as the system has them"
value 'document.getElementById("theme").focus()' >"$work/null"
press Enter
is "$(value 'getComputedStyle(document.body).backgroundColor')" '"rgb(255, 255, 255)"' "the button makes it light"
press Enter
is "$(value 'getComputedStyle(document.body).backgroundColor')" "\"$dark\"" "and dark"

is "$(value 'document.querySelectorAll(".missing, strong:has(code)").length')" 0 "nothing is absent or too old"

# ---- keys: the timeline
tab_to() { # ID - press Tab until the focus is on it or in it
	for _ in $(seq 30); do
		[ "$(value "!!document.activeElement.closest('#$1')")" != true ] || return 0
		press Tab
	done
	return 1
}
ok "tab_to timeline" "Tab reaches the timeline"
is "$(value 'getComputedStyle(document.activeElement).outlineStyle')" '"solid"' "and the focus is visible"
is "$(text_of '#timeline-said')" '"In view: 0 µs to 20.0 ms."' "all of the boot is in view"
press +
is "$(text_of '#timeline-said')" '"In view: 5.0 ms to 15.0 ms."' "plus zooms in"
press ArrowRight
is "$(text_of '#timeline-said')" '"In view: 7.5 ms to 17.5 ms."' "the arrow goes right"
press ArrowLeft
press ArrowLeft
press ArrowLeft
press ArrowLeft
is "$(text_of '#timeline-said')" '"In view: 0 µs to 10.0 ms."' "and left, to the beginning at most"
press -
press -
is "$(text_of '#timeline-said')" '"In view: 0 µs to 20.0 ms."' "minus zooms out, to all at most"
press ArrowDown
press ArrowDown
is "$(text_of '#timeline-said')" '"hv_init: 10.0 ms, from 6.0 ms. In view: 0 µs to 20.0 ms."' "the arrow down chooses an initcall"
is "$(value 'document.querySelectorAll("#timeline rect.chosen").length')" 1 "which is marked"
press ArrowDown
press Enter
is "$(text_of '#timeline-said')" '"tun_init: 1.0 ms, from 16.0 ms. In view: 15.0 ms to 18.0 ms."' "Enter zooms to it"
press 0
is "$(text_of '#timeline-said')" '"tun_init: 1.0 ms, from 16.0 ms. In view: 0 µs to 20.0 ms."' "0 shows all again"

# ---- keys: the treemap
ok "tab_to treemap" "Tab reaches the treemap"
crumbs() { value '[...document.querySelectorAll(".crumbs button")].map((b) => b.textContent).join("")'; }
press Home
press Enter
is "$(crumbs) $(value 'document.querySelector("#size caption").textContent')" '"imagenet/" "net/: 2 entries, in bytes"' "Enter opens a directory, with its table"
is "$(value "$differ")" '""' "the figures there are those of the data"
before=$(value 'document.activeElement.getAttribute("aria-label")')
for key in ArrowRight ArrowDown; do press $key; done
ok "[ '$(value 'document.activeElement.getAttribute("aria-label")')' != '$before' ]" "the arrows go to another area"
press Backspace
is "$(crumbs) $(value 'document.activeElement.textContent.startsWith("net/")')" '"image" true' "Backspace goes back to it"

# ---- what has no data, and what is older than the image
project q
pin 9.1 9.1.5 "file:/nowhere sha256:$(printf '%064d' 0)"
mkdir -p "$project/dist/9.1" "$project/build/9.1/log"
echo '{"line": "9.1", "release": "9.1.5-wsl3", "outputs": {}, "toolchain": {}, "patches": []}' >"$project/dist/9.1/manifest.json"
printf '1..1\nok 1 - base: it boots\n' >"$project/build/9.1/log/console.log"
echo image >"$project/dist/9.1/bzImage"
touch -d 2026-01-01 "$project/build/9.1/log/console.log"
run scripts/report/report.sh
visit "$project/dist/9.1/report.html"
is "$(value '[...document.querySelectorAll(".missing code")].map((c) => c.textContent).join("; ")')" \
	'"make bench LTS=9.1; make kernel LTS=9.1; make bench LTS=9.1; make bench LTS=9.1; make smoke-hyperv LTS=9.1; make modules LTS=9.1"' \
	"a part without data names its target"
like "$(text_of '#features strong:has(code)')" 'older than the image: make smoke LTS=9.1 makes' "and one that is too old"
is "$(value 'document.querySelectorAll("#queue tbody tr").length')" 2 "the queue is always there"
is "$(complaints)" "" "nothing is on the console at the end"
