/* The parts of the page that are tables. */
const FIGURES = {
	boot_ns_512: ["kernel start to /init, 512 MB", 1e6, 1, "ms"],
	boot_ns_4096: ["kernel start to /init, 4096 MB", 1e6, 1, "ms"],
	growth_ns_per_gb: ["added by each GB", 1e6, 1, "ms"],
	power_ns_512: ["power-on to /init, 512 MB", 1e6, 1, "ms"],
	mem_missing_kb: ["missing from MemTotal, 512 MB", 1, 0, "kB"],
	memfree_kb: ["MemFree at /init, 512 MB", 1, 0, "kB"],
	returned_pct_2s: ["freed memory returned after 2 s", 1, 0, "%"],
	returned_pct_5s: ["freed memory returned after 5 s", 1, 0, "%"],
	returned_pct_10s: ["freed memory returned after 10 s", 1, 0, "%"],
	frag5_pct_5s: ["free after work at the host, gradual, order 5, 5 s", 1, 1, "%"],
	frag5_pct_15s: ["free after work at the host, gradual, order 5, 15 s", 1, 1, "%"],
	frag5_pct_60s: ["free after work at the host, gradual, order 5, 60 s", 1, 1, "%"],
	frag9_pct_5s: ["free after work at the host, gradual, order 9, 5 s", 1, 1, "%"],
	frag9_pct_15s: ["free after work at the host, gradual, order 9, 15 s", 1, 1, "%"],
	frag9_pct_60s: ["free after work at the host, gradual, order 9, 60 s", 1, 1, "%"],
	drop5_pct_5s: ["free after work at the host, dropcache, order 5, 5 s", 1, 1, "%"],
	drop5_pct_15s: ["free after work at the host, dropcache, order 5, 15 s", 1, 1, "%"],
	drop5_pct_60s: ["free after work at the host, dropcache, order 5, 60 s", 1, 1, "%"],
	swapped_kb: ["swapped by that", 1, 0, "kB"],
	reporting_busy_pct: ["reporting, of the processor's time", 1, 3, "%"],
	idle_busy_pct: ["busy with nothing running", 1, 3, "%"],
	locks_us: ["longest hold of a zone's lock by reporting", 1, 0, "us"],
	bzimage_bytes: ["bzImage", 1, 0, "bytes"],
	vmlinux_bytes: ["text + data + bss", 1, 0, "bytes"],
};

function drawBench(inside) {
	const bench = data.bench;
	const hasBaseline = bench.figures.some((row) => typeof row[2] === "number");
	const rows = bench.figures.map(([key, now, , , last], i) => {
		const [name, scale, digits, unit] = FIGURES[key];
		const cell = (n) => figure(`bench.figures.${i}.${n}`, { scale, digits });
		const change = typeof last === "number" && last ? (now - last) * 100 / last : null;
		const sign = change > 0 ? "+" : change < 0 ? "−" : "";
		return [`${name}, ${unit}`, cell(1),
			hasBaseline && [cell(2), figure(`bench.figures.${i}.3`, { digits: 3 })],
			bench.last && [cell(4), change === null ? "–" : `${sign}${format(Math.abs(change), 1, 1)} %`],
		].flat().filter((child) => child);
	});

	inside.append(table("Bench figures; time is emulated",
		["figure", "#this", hasBaseline && ["#baseline", "#ratio"],
			bench.last && ["#last report", "#change"]].flat().filter((head) => head),
		rows, { kind: "stack" }));
	if (!hasBaseline)
		inside.append(make("p", { class: "hint" }, "There is no baseline: ",
			make("code", {}, command("bench") + " BASELINE=file"), " measures one."));
	inside.append(make("p", { class: "hint" }, bench.last ?
		`The last report was of ${bench.last.release}, measured ${bench.last.measured}.` :
		"This is the first report of the line with figures."));
}

function drawMemory(inside) {
	const { consumers, machine } = data.memory;
	const used = consumers.map((row, i) => [...row, i]).filter((row) => row[0] !== "free")
		.sort((a, b) => b[1] - a[1]);
	const most = Math.max(...used.map((row) => row[1]), 1);
	const free = consumers.findIndex((row) => row[0] === "free");
	const bar = (kb) => {
		const element = make("span", { class: "bar", "aria-hidden": "true" });
		element.style.width = Math.max(kb, 0) / most * 100 + "%";
		return make("span", { class: "bars" }, element);
	};

	inside.append(make("p", {}, figure(`memory.consumers.${free}.1`), " of ",
		figure("memory.machine", { unit: "kB" }), " are free; the others have ",
		format(machine - consumers[free][1]), " kB:"),
	table("Memory at /init, in kB", ["consumer", "#kB", "share"], used.map(([name, kb, what, i]) =>
		[make("span", {}, name, make("br"), make("span", { class: "hint" }, what)),
			figure(`memory.consumers.${i}.1`), bar(kb)])));
}

const STATE = { ok: "good", skip: "quiet", "not ok": "bad" };

function probeBadges(probes) {
	return probes.length ? probes.map(({ guest, state, why }) => make("div", {},
		badge(STATE[state], state), ` ${guest}${why ? ": " + why : ""}`)) : "no probe has run";
}

function drawQueue(inside) {
	inside.append(table(`${data.queue.length} patches, in the order of the series`,
		["patch", "lines", "upstream", "probes", "image"], data.queue.map((patch) =>
			[make("span", {}, make("strong", {}, patch.name), patch.subject ? make("br") : null,
				make("span", { class: "hint" }, patch.subject)),
				patch.lines || "–", make("span", {}, linked(patch.url ? "link " + patch.url : patch.upstream || "missing")),
				make("span", {}, probeBadges(patch.probes)),
				patch.built ? badge("good", "in it") : badge("bad", "not in it")]), { kind: "stack" }));
}

function drawFeatures(inside) {
	const texts = Object.fromEntries((data.features || []).map(({ name, text }) => [name, text]));

	for (const [guest, target] of [["smoke", "smoke"], ["hyperv", "smoke-hyperv"]]) {
		const run = data[guest];
		if (!run) {
			inside.append(make("p", { class: "missing" }, `No rows of make ${target}: `,
				make("code", {}, command(target)), " runs them."));
			continue;
		}
		const count = (state, rows) => rows.filter((row) => row.state === state).length;
		inside.append(make("h3", {}, "make " + target, " ", run.fault ? badge("bad", "failed") : badge("good", "passed")));
		inside.append(make("p", {}, `${count("ok", run.rows)} ok, ${count("skip", run.rows)} skipped, ` +
			`${count("not ok", run.rows)} not ok; planned: ${run.plan === null ? "unknown" : run.plan}.`,
		run.fault ? make("span", { class: "bad" }, " " + run.fault) : null), sourceLine(guest, target));
		for (const area of new Set(run.rows.map((row) => row.area)))
			inside.append(areaRows(area, run.rows.filter((row) => row.area === area), texts[area], count));
	}
}

function areaRows(area, rows, text, count) {
	const bad = count("not ok", rows), skipped = count("skip", rows);

	return make("details", { open: bad > 0 }, make("summary", {}, make("strong", {}, area), " ",
		badge(bad ? "bad" : skipped === rows.length ? "quiet" : "good", `${count("ok", rows)} of ${rows.length}`),
		skipped ? ` ${skipped} skipped` : null, text ? make("span", { class: "hint" }, " " + text) : null),
	table(area, ["row", "state", "why"], rows.map((row) =>
		[row.name || area, badge(STATE[row.state], row.state), row.why || ""])));
}
