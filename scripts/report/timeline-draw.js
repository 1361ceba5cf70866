/* Draws what of the timeline is in view; timeline.js has its state. */
const LANE = { phase: 22, call: 54, gap: 86, line: 118 };
const BAR = 24;

/* a step of 1, 2 or 5 times a power of ten that gives at most COUNT ticks */
function tickStep(span, count) {
	const power = 10 ** Math.floor(Math.log10(span / count));
	return [1, 2, 5, 10].map((n) => n * power).find((step) => span / step <= count) || 10 * power;
}

function renderTimeline() {
	const { chart, from, to } = timeline, boot = data.boot;
	const chosen = boot.initcalls[timeline.chosen];
	const width = timeline.box.clientWidth;

	if (!width)
		return;
	const x = (us) => (us - from) / (to - from) * width;
	chart.setAttribute("viewBox", `0 0 ${width} 140`);
	chart.replaceChildren();
	drawTicks(chart, x, width);
	for (const [kind, list] of [["phase", boot.phases], ["gap", boot.gaps], ["call", boot.initcalls]])
		for (const [name, start, took] of list)
			if (start + took >= from && start <= to)
				drawBar(chart, x, width, kind, name, start, took);
	/* above the others, as it may be thin */
	if (chosen)
		chart.append(makeSvg("rect", { class: "chosen", x: x(chosen[1]), y: LANE.call - 3,
			width: Math.max(x(chosen[1] + chosen[2]) - x(chosen[1]), 1), height: BAR + 6 }));
	let last = -2;
	for (const [us, text] of boot.lines) {
		if (us < from || us > to || x(us) - last < 1)
			continue;
		last = x(us);
		chart.append(makeSvg("rect", { class: "line", x: last, y: LANE.line, width: 1.5, height: 14,
			"data-say": `at ${time(us)}: ${text}` }));
	}
}

function drawTicks(chart, x, width) {
	const step = tickStep(timeline.to - timeline.from, Math.max(width / 90, 2));

	for (let us = Math.ceil(timeline.from / step) * step; us <= timeline.to; us += step) {
		chart.append(makeSvg("line", { class: "tick", x1: x(us), x2: x(us), y1: 0, y2: 136 }));
		const end = x(us) > width - 50;
		chart.append(makeSvg("text", { class: "axis", x: x(us) + (end ? -3 : 3), y: 11,
			"text-anchor": end ? "end" : "start" },
		format(us / 1000, 1, Math.max(0, 3 - Math.floor(Math.log10(step)))) + " ms"));
	}
}

function drawBar(chart, x, width, kind, name, start, took) {
	const left = Math.max(x(start), -1), right = Math.min(x(start + took), width + 1);
	const wide = Math.max(right - left, 0.7);

	chart.append(makeSvg("rect", { class: wide > 4 ? kind + " wide" : kind, x: left, y: LANE[kind],
		width: wide, height: BAR, "data-say": sentence(kind, name, start, took) }));
	/* a name only where it fits: 7 pixels are a wide letter */
	const room = Math.floor((wide - 8) / 7);
	if (room >= 5)
		chart.append(makeSvg("text", { class: "on-" + kind, x: Math.max(left, 0) + 4,
			y: LANE[kind] + 16 }, name.length > room ? name.slice(0, room - 1) + "…" : name));
}

function sentence(kind, name, start, took) {
	const what = kind === "gap" ? "until the message " + name : name;
	return `${what}: ${time(took)}, from ${time(start)}`;
}

function sayTimeline() {
	const call = data.boot.initcalls[timeline.chosen];

	timeline.said.textContent = (call ? sentence("call", ...call) + ". " : "") +
		`In view: ${time(timeline.from)} to ${time(timeline.to)}.`;
}
