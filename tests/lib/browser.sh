# shellcheck shell=sh
# Chromium without a window, driven over its debugging pipe; sourced after project.sh. Needs
# jq. Messages are JSON objects with a NUL behind each.
#   browse                  start it with an empty profile; 1 if it does not start
#   visit FILE              open FILE, and wait until it is loaded
#   cdp METHOD [PARAMS]     call the protocol's method; the answer is in $answer
#   value EXPRESSION        what the page's script has for it, as JSON
#   press KEY               press and release a key: Tab, Enter, ArrowLeft, or a character
#   screen WIDTH HEIGHT     the size of the view
#   shot FILE               a screenshot of the whole page
#   complaints              what the page wrote to the console, and exceptions
# The caller's finish has to stop $browser.
browser='' session=''

browse() {
	rm -rf "$work/browser"
	mkdir "$work/browser"
	mkfifo "$work/browser/in"
	# in a user namespace of its own it cannot have one more, and root has no sandbox
	chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--disable-background-networking --hide-scrollbars --user-data-dir="$work/browser/profile" \
		--remote-debugging-pipe about:blank 3<"$work/browser/in" 4>"$work/browser/out" \
		>"$work/browser/log" 2>&1 </dev/null &
	browser=$!
	exec 7>"$work/browser/in"
	cdp Target.getTargets || return 1
	target=$(printf '%s\n' "$answer" | jq -r '.result.targetInfos[] | select(.type == "page") | .targetId' | head -n 1)
	cdp Target.attachToTarget "{\"targetId\": \"$target\", \"flatten\": true}" || return 1
	session=$(printf '%s\n' "$answer" | jq -r .result.sessionId)
	for domain in Runtime Log Page; do cdp $domain.enable || return 1; done
}

visit() {
	cdp Page.navigate "{\"url\": \"file://$1\"}" && within 30 is_loaded "$1"
}
is_loaded() { [ "$(value 'document.readyState + location.pathname')" = "\"complete$1\"" ]; }

cdp() {
	# a caller may be a subshell: the numbers are counted in a file
	echo >>"$work/browser/calls"
	cdp_id=$(wc -l <"$work/browser/calls")
	jq -cn --argjson id "$cdp_id" --arg method "$1" --arg session "$session" \
		--argjson params "${2:-{\}}" '{id: $id, method: $method, params: $params} +
		if $session == "" then {} else {sessionId: $session} end' | tr '\n' '\0' >&7
	for _ in $(seq 600); do
		answer=$(tr '\0' '\n' <"$work/browser/out" | grep "^{\"id\":$cdp_id,") && return 0
		kill -0 "$browser" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

value() {
	cdp Runtime.evaluate "$(jq -n --arg text "$1" \
		'{expression: $text, returnByValue: true, awaitPromise: true}')" &&
		printf '%s\n' "$answer" | jq -c 'if .result.exceptionDetails then
			"exception: " + .result.exceptionDetails.exception.description else .result.result.value end'
}

press() {
	case $1 in
	Tab) code=9 ;;
	Enter) code=13 ;;
	Backspace) code=8 ;;
	Escape) code=27 ;;
	Home) code=36 ;;
	ArrowLeft) code=37 ;;
	ArrowUp) code=38 ;;
	ArrowRight) code=39 ;;
	ArrowDown) code=40 ;;
	*) code=0 ;;
	esac
	text=$1
	[ "$1" != Enter ] || text=$(printf '\r')
	[ ${#text} = 1 ] || text=
	for type in keyDown keyUp; do
		[ $type = keyDown ] || text=
		cdp Input.dispatchKeyEvent "$(jq -n --arg type $type --arg key "$1" --arg text "$text" --argjson code $code \
			'{type: $type, key: $key, code: $key, windowsVirtualKeyCode: $code} +
			if $text == "" then {} else {text: $text} end')"
	done
}

screen() {
	cdp Emulation.setDeviceMetricsOverride \
		"{\"width\": $1, \"height\": $2, \"deviceScaleFactor\": 1, \"mobile\": false}"
}

shot() {
	cdp Page.captureScreenshot '{"captureBeyondViewport": true, "format": "png"}'
	printf '%s\n' "$answer" | jq -r .result.data | base64 -d >"$1"
}

complaints() {
	tr '\0' '\n' <"$work/browser/out" | jq -r '
		select(.method == "Runtime.exceptionThrown").params.exceptionDetails.exception.description,
		select(.method == "Runtime.consoleAPICalled").params.args[].value,
		select(.method == "Log.entryAdded").params.entry.text'
}
