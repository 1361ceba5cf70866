/* Puts the page together; runs when everything else is defined. */
function tile(value, text) {
	return make("div", { class: "fact" }, make("div", { class: "value" }, value), make("div", {}, text));
}

function drawHead() {
	const head = document.getElementById("head");
	const button = make("button", { type: "button", id: "theme", click: () =>
		setTheme(isDark() ? "light" : "dark") });

	document.title = `${data.release}: kernel report`;
	head.append(make("div", {}, make("h1", {}, data.release),
		make("p", {}, `Line ${data.name}, release of ${data.released}, ` +
			`${data.verified ? "verified" : "source not verified"}. Report of ${data.made} UTC.`)), button);
	window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", nameTheme);
	setTheme(null);
}

function isDark() {
	return (document.documentElement.dataset.theme ||
		(window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
}
/* THEME is dark, light or null: as the system has it */
function setTheme(theme) {
	if (theme)
		document.documentElement.dataset.theme = theme;
	nameTheme();
}
function nameTheme() {
	document.getElementById("theme").textContent = isDark() ? "Light colours" : "Dark colours";
}

function drawFacts() {
	const row = (key) => data.bench ? "bench.figures." + data.bench.figures.findIndex((r) => r[0] === key) + ".1" : "bench";
	const facts = [tile(figure("outputs.bzImage.bytes", { scale: 1e6, digits: 2, unit: "MB" }), "bzImage")];

	if (data.bench)
		facts.push(tile(figure(row("boot_ns_512"), { scale: 1e6, digits: 1, unit: "ms" }), "from kernel start to /init, emulated"),
			tile(figure(row("mem_missing_kb"), { unit: "kB" }), "missing from MemTotal of 512 MB"));
	facts.push(tile(String(data.queue.length), "patches"));
	for (const [guest, name] of [["smoke", "smoke"], ["hyperv", "smoke-hyperv"]])
		if (data[guest])
			facts.push(tile(data[guest].fault ? badge("bad", "failed") : badge("good", "passed"), "make " + name));
	document.getElementById("main").append(make("div", { class: "facts" }, facts));
}

function drawDevices(inside) {
	const groups = [...new Set(data.devices.map((row) => row.group))];
	const kind = { "built in": "good", module: "quiet", "not built": "bad" };

	const count = (build) => data.devices.filter((row) => row.build === build).length;
	inside.append(make("p", {}, `${count("built in")} built in, ${count("module")} as modules, ` +
		`${count("not built")} not built.`));
	for (const group of groups) {
		const rows = data.devices.filter((row) => row.group === group);
		inside.append(make("details", {}, make("summary", {}, make("strong", {}, group), ` ${rows.length}`),
			table(group, ["driver", "build", "why a guest needs it"], rows.map((row) =>
				[row.driver, badge(kind[row.build], row.build), row.why]), { kind: "stack" })));
	}
}

function drawBuild(inside) {
	inside.append(table("Outputs", ["file", "#bytes", "sha256"], Object.keys(data.outputs).map((name) =>
		/* a name has a dot in it, which a path of the data cannot have */
		[name, name.includes(".") ? format(data.outputs[name].bytes) : figure(`outputs.${name}.bytes`),
			make("code", {}, data.outputs[name].sha256)])),
	table("Toolchain", ["program", "version"], Object.entries(data.toolchain)));
}

drawHead();
drawFacts();
section("boot", "Boot", "boot", "bench", drawTimeline);
section("size", "Image size", "size", "kernel", drawTreemap);
section("memory", "Memory at /init", "memory", "bench", drawMemory);
section("bench", "Bench", "bench", "bench", drawBench);
section("queue", "Queue", "queue", null, drawQueue);
section("features", "Features", "features", null, drawFeatures);
section("devices", "Devices", "devices", "modules", drawDevices);
section("build", "Build", "build", "kernel", drawBuild);
