/* The boot as a timeline that can be zoomed and moved by mouse, touch and keys. */
const timeline = { from: 0, to: 1, chosen: -1 };
function drawTimeline(inside) {
	const boot = data.boot;
	const help = "Arrow left and right move, plus and minus zoom, 0 shows all; arrow up and " +
		"down choose an initcall that is wide enough to be seen, Enter zooms to it.";

	timeline.to = boot.end;
	timeline.chart = makeSvg("svg", { "aria-hidden": "true", height: 140, width: "100%" });
	timeline.box = make("div", { class: "graphic", id: "timeline", tabindex: 0, role: "group",
		"aria-label": "Timeline of the boot", "aria-describedby": "timeline-help",
		keydown: timelineKey, pointerdown: timelineDrag, pointermove: timelineHover,
		wheel: timelineWheel }, timeline.chart);
	timeline.said = make("p", { class: "said", id: "timeline-said", "aria-live": "polite" });
	const button = (text, label, click) => make("button",
		{ type: "button", "aria-label": label, click }, text);
	inside.append(make("p", { class: "key" }, make("span", { class: "dot phase" }), "phase ",
		make("span", { class: "dot call" }), "initcall ", make("span", { class: "dot gap" }),
		"0.5 ms and more without a message, outside an initcall ",
		make("span", { class: "dot line" }), "message"),
	make("div", { class: "tools" },
		button("+", "Zoom in", () => zoom(0.5)), button("−", "Zoom out", () => zoom(2)),
		button("←", "Earlier", () => pan(-0.25)), button("→", "Later", () => pan(0.25)),
		button("All", "Show all", () => showSpan(0, boot.end))),
	timeline.box, timeline.said, make("p", { class: "hint", id: "timeline-help" }, help));
	new ResizeObserver(renderTimeline).observe(timeline.box);
	inside.append(timelineTable());
	sayTimeline();
}

function timelineTable() {
	const order = data.boot.initcalls.map((call, i) => [call[2], i])
		.sort((a, b) => b[0] - a[0] || a[1] - b[1]);
	const ms = (i, n) => figure(`boot.initcalls.${i}.${n}`, { scale: 1000, digits: 3 });

	return table(`All ${order.length} initcalls, the longest first, in ms`,
		["initcall", "#took", "#from", "#returned"], order.map(([, i]) =>
			[data.boot.initcalls[i][0], ms(i, 2), ms(i, 1),
				String(data.boot.initcalls[i][3])]), { kind: "short" });
}

function showSpan(from, to) {
	const span = Math.min(Math.max(to - from, 20), data.boot.end);

	timeline.from = Math.min(Math.max(from, 0), data.boot.end - span);
	timeline.to = timeline.from + span;
	renderTimeline();
	sayTimeline();
}
function zoom(factor, centre = (timeline.from + timeline.to) / 2) {
	showSpan(centre - (centre - timeline.from) * factor, centre + (timeline.to - centre) * factor);
}
function pan(part) {
	const by = (timeline.to - timeline.from) * part;
	showSpan(timeline.from + by, timeline.to + by);
}

/* the next initcall in a direction, 1 or -1, that is wide enough to be seen */
function choose(step) {
	const calls = data.boot.initcalls, span = timeline.to - timeline.from;
	const seen = (call) => call[2] / span * timeline.box.clientWidth >= 1;
	let next = timeline.chosen < 0 ? calls.findIndex((call) => call[1] >= timeline.from) :
		timeline.chosen + step;

	while (calls[next] && !seen(calls[next]))
		next += step;
	if (!calls[next])
		return;
	timeline.chosen = next;
	const [, from, took] = calls[next], centre = from + took / 2;
	if (from < timeline.from || from + took > timeline.to)
		showSpan(centre - span / 2, centre + span / 2);
	renderTimeline();
	sayTimeline();
}

function timelineKey(event) {
	const call = data.boot.initcalls[timeline.chosen];
	const keys = {
		ArrowLeft: () => pan(-0.25), ArrowRight: () => pan(0.25), "+": () => zoom(0.5),
		"=": () => zoom(0.5), "-": () => zoom(2), 0: () => showSpan(0, data.boot.end),
		Home: () => showSpan(0, data.boot.end),
		ArrowDown: () => choose(1),
		ArrowUp: () => choose(-1),
		Enter: () => call && showSpan(call[1] - call[2], call[1] + 2 * call[2]),
	};

	if (event.ctrlKey || event.altKey || event.metaKey || !keys[event.key])
		return;
	event.preventDefault();
	keys[event.key]();
}

function timeOf(event) {
	const box = timeline.chart.getBoundingClientRect();
	return timeline.from + (event.clientX - box.left) / box.width * (timeline.to - timeline.from);
}

function timelineWheel(event) {
	/* the page scrolls over a timeline that is not in use */
	if (document.activeElement !== timeline.box && !event.ctrlKey)
		return;
	event.preventDefault();
	zoom(event.deltaY > 0 ? 1.25 : 0.8, timeOf(event));
}

function timelineDrag(event) {
	timeline.drag = event.clientX;
	sayMark(event);
	timeline.box.setPointerCapture(event.pointerId);
}

function timelineHover(event) {
	if (event.buttons && timeline.drag !== undefined) {
		pan((timeline.drag - event.clientX) / timeline.chart.clientWidth);
		timeline.drag = event.clientX;
		return;
	}
	sayMark(event);
}

function sayMark(event) {
	const mark = event.target.closest("[data-say]");

	if (mark)
		timeline.said.textContent = mark.getAttribute("data-say");
}
