"use strict";
/* What the parts of the page share: elements, figures, tables. Text is never parsed as HTML. */
const data = JSON.parse(document.getElementById("data").textContent);

/* make NAME, with attributes, around elements and texts; null children are left out */
function make(name, attributes, ...children) {
	const element = document.createElement(name);
	fill(element, attributes);
	element.append(...children.flat().filter((child) => child !== null && child !== undefined));
	return element;
}

function makeSvg(name, attributes, ...children) {
	const element = document.createElementNS("http://www.w3.org/2000/svg", name);
	fill(element, attributes);
	element.append(...children);
	return element;
}

function fill(element, attributes) {
	for (const [key, value] of Object.entries(attributes || {}))
		if (typeof value === "function")
			element.addEventListener(key, value);
		else if (value !== null && value !== false)
			element.setAttribute(key, value === true ? "" : value);
}

/* the value of the data at a path such as "boot.end" */
function at(path) {
	return path.split(".").reduce((value, key) => (value === null || value === undefined ?
		value : value[key]), data);
}

function withCommas(text) {
	const [whole, part] = text.split(".");
	const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
	return part === undefined ? grouped : grouped + "." + part;
}

/* VALUE / SCALE with so many digits behind the point */
function format(value, scale = 1, digits = 0) {
	return withCommas((value / scale).toFixed(digits));
}

/* A figure on the page: its element names its place in the data, which the tests compare. */
function figure(path, { scale = 1, digits = 0, unit = "" } = {}) {
	const value = at(path);

	if (typeof value !== "number")
		return make("span", { class: "none" }, "–");
	return make("span", { class: "figure" },
		make("data", { value, "data-path": path, "data-scale": scale, "data-digits": digits },
			format(value, scale, digits)),
		unit && "\u00a0" + unit);
}

/* how a size and a time are written where space is short */
function size(bytes) {
	return Math.abs(bytes) >= 1e6 ? format(bytes, 1e6, 2) + " MB" :
		Math.abs(bytes) >= 1e3 ? format(bytes, 1e3, 1) + " kB" : format(bytes) + " B";
}
function time(us) {
	return us >= 1000 ? format(us, 1000, 1) + " ms" : format(us) + " µs";
}

/*
 * A table: HEADS are names, "#name" for a column of numbers; a row is a list of cells,
 * each a text or an element. It scrolls in its own frame, which keys can reach. KIND: "short"
 * limits its height, "stack" puts the cells of a row below each other on a narrow screen.
 */
function table(caption, heads, rows, { kind = "" } = {}) {
	const number = heads.map((head) => (head.startsWith("#") ? "number" : null));
	/* the roles stay when a narrow screen stacks the cells of a row */
	const cell = (child, i) => make(i ? "td" : "th", { class: number[i], scope: i ? null : "row",
		role: i ? "cell" : "rowheader", "data-head": heads[i].replace(/^#/, "") }, child);

	return make("div", { class: "frame " + kind, tabindex: 0, role: "region", "aria-label": caption },
		make("table", { role: "table" }, make("caption", {}, caption),
			make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, heads.map((head, i) => make("th",
				{ scope: "col", role: "columnheader", class: number[i] }, head.replace(/^#/, ""))))),
			make("tbody", { role: "rowgroup" }, rows.map((row) => make("tr", { role: "row" }, row.map(cell))))));
}

/* A word in a coloured frame; the colour repeats what the word says. */
function badge(kind, text) {
	return make("span", { class: "badge " + kind }, text);
}

/* TEXT with its web addresses as links */
function linked(text) {
	return text.split(/(https?:\/\/[^\s<>"']+)/).map((part, i) =>
		(i % 2 ? make("a", { href: part, rel: "noreferrer" }, part) : part));
}

/* A section; PART names its source. Where there is no data, MISSING says which target makes it. */
function section(id, title, part, missing, draw) {
	const source = data.source[part];
	const inside = make("section", { id, "aria-labelledby": id + "-title" },
		make("h2", { id: id + "-title" }, title));

	document.getElementById("main").append(inside);
	if (!source) {
		inside.append(make("p", { class: "missing" }, "There is no data. ",
			make("code", {}, command(missing)), " makes it."));
		return;
	}
	draw(inside);
	inside.append(sourceLine(part, missing));
}

/* where PART is from, and with which TARGET it can be had again if it is too old */
function sourceLine(part, target) {
	const source = data.source[part];

	return make("p", { class: "source" }, `From ${source.file} of ${source.date}.`,
		source.older ? make("strong", {}, " It is older than the image: ",
			make("code", {}, command(target)), " makes it again.") : null);
}

function command(target) {
	return `make ${target} LTS=${data.line}${data.gpu ? " GPU=1" : ""}`;
}
