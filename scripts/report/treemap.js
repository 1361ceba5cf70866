/* The sizes of the objects as a treemap: each directory can be opened by mouse and keys. */
const treemap = { path: [], focus: 0 };

function treeAt(path) {
	return path.reduce((node, i) => node.children[i], data.size.tree);
}
function treePath(path) {
	return "size.tree" + path.map((i) => ".children." + i).join("");
}
function treeName(path) {
	return path.map((_, i) => treeAt(path.slice(0, i + 1)).name).join("");
}

function drawTreemap(inside) {
	treemap.crumbs = make("nav", { class: "crumbs", "aria-label": "Directory" });
	treemap.box = make("div", { class: "graphic", id: "treemap", role: "group",
		"aria-label": "Sizes as areas", "aria-describedby": "treemap-help", keydown: treemapKey });
	treemap.said = make("p", { class: "said", id: "treemap-said", "aria-live": "polite" });
	treemap.list = make("div", {});
	inside.append(make("p", {}, "text, data and bss of vmlinux: ", figure("size.total", { unit: "bytes" }),
		", of which the objects are ", figure("size.objects"), ". The rest is what the linker adds."),
	treemap.crumbs, treemap.box, treemap.said,
	make("p", { class: "hint", id: "treemap-help" },
		"Arrow keys go from area to area, Enter opens a directory, Backspace goes back."),
	treemap.list);
	new ResizeObserver(layTiles).observe(treemap.box);
	openTree([]);
}

function openTree(path, focus = 0) {
	treemap.path = path;
	treemap.focus = focus;
	const crumb = (to, text) => make("button", { type: "button", click: () => openTree(to),
		"aria-current": to.length === path.length ? "true" : null }, text);
	treemap.crumbs.replaceChildren(crumb([], "image"),
		...path.map((_, i) => crumb(path.slice(0, i + 1), treeAt(path.slice(0, i + 1)).name)));
	treemap.said.textContent = about(path);
	layTiles();
	treemap.list.replaceChildren(treemapTable());
}

function about(path) {
	const node = treeAt(path);
	return `${treeName(path) || "The image"}: ${size(node.bytes)}, ` +
		`${format(node.bytes * 100 / data.size.total, 1, 1)} % of the image; code ${size(node.code)}, ` +
		`data ${size(node.data)}, bss ${size(node.bss)}`;
}

/* the children that have an area, as [index, child] */
function shown(node) {
	return node.children.map((child, i) => [i, child]).filter(([, child]) => child.bytes > 0);
}

function layTiles() {
	const { box, path } = treemap, node = treeAt(path);
	const width = box.clientWidth, height = box.clientHeight;
	const had = box.contains(document.activeElement);

	if (!width || !node.children)
		return;
	const kids = shown(node);
	const places = squares(kids.map(([, child]) => child.bytes), 0, 0, width, height);
	/* what is smaller than a few pixels is in the table only */
	treemap.tiles = kids.map(([i, child], n) => ({ i, child, ...places[n] }))
		.filter((tile) => tile.width * tile.height >= 16);
	treemap.focus = Math.min(treemap.focus, treemap.tiles.length - 1);
	box.replaceChildren(...treemap.tiles.map(tileElement));
	if (had)
		box.children[treemap.focus].focus();
}

function tileElement(tile, n) {
	const path = [...treemap.path, tile.i], child = tile.child;
	const element = make("button", { type: "button", class: child.children ? "tile dir" : "tile",
		tabindex: n === treemap.focus ? 0 : -1, "aria-label": about(path),
		click: () => child.children && openTree(path),
		focus: () => {
			treemap.box.children[treemap.focus].tabIndex = -1;
			treemap.focus = n;
			element.tabIndex = 0;
			treemap.said.textContent = about(path);
		},
		pointerenter: () => { treemap.said.textContent = about(path); } });

	Object.assign(element.style, { left: tile.x + "px", top: tile.y + "px",
		width: tile.width + "px", height: tile.height + "px" });
	element.style.setProperty("--hue", (path[0] * 47 + 210) % 360);
	if (tile.width > 44 && tile.height > 20)
		element.append(make("span", { class: "label" }, child.name),
			tile.height > 38 ? make("span", { class: "label small" }, size(child.bytes)) : "");
	if (child.children && tile.width > 60 && tile.height > 70)
		element.append(...innerTiles(child, tile.width - 8, tile.height - 44));
	return element;
}

/* the next level, to look at only */
function innerTiles(node, width, height) {
	const kids = shown(node);
	return squares(kids.map(([, child]) => child.bytes), 0, 0, width, height)
		.filter((place) => place.width > 3 && place.height > 3).map((place, n) => {
			const inner = make("span", { class: "inner", "aria-hidden": "true" },
				place.width > 50 && place.height > 18 ? kids[n][1].name : "");
			Object.assign(inner.style, { left: place.x + 4 + "px", top: place.y + 40 + "px",
				width: place.width + "px", height: place.height + "px" });
			return inner;
		});
}
