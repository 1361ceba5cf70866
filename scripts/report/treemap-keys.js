/* The keys of the treemap, and the table below it. */

/* the tile that is nearest to FROM in a direction, or -1 */
function nearest(tiles, from, key) {
	const middle = (tile) => [tile.x + tile.width / 2, tile.y + tile.height / 2];
	const [x, y] = middle(tiles[from]);
	let best = -1, least = Infinity;

	tiles.forEach((tile, n) => {
		const [dx, dy] = [middle(tile)[0] - x, middle(tile)[1] - y];
		const [ahead, aside] = { ArrowRight: [dx, dy], ArrowLeft: [-dx, dy], ArrowDown: [dy, dx],
			ArrowUp: [-dy, dx] }[key];
		/* straight ahead counts more than near */
		const far = ahead + 2 * Math.abs(aside);
		if (n !== from && ahead > 1 && far < least)
			[best, least] = [n, far];
	});
	return best;
}

function treemapKey(event) {
	const { box, tiles, path } = treemap;

	if (event.ctrlKey || event.altKey || event.metaKey)
		return;
	if (event.key.startsWith("Arrow")) {
		const next = nearest(tiles, treemap.focus, event.key);
		event.preventDefault();
		if (next >= 0)
			box.children[next].focus();
	} else if ((event.key === "Backspace" || event.key === "Escape") && path.length) {
		event.preventDefault();
		openTree(path.slice(0, -1));
		/* on the directory that was open */
		const from = tiles && treemap.tiles.findIndex((tile) => tile.i === path[path.length - 1]);
		box.children[Math.max(from, 0)].focus();
	} else if (event.key === "Home") {
		event.preventDefault();
		box.children[0].focus();
	}
}

function treemapTable() {
	const node = treeAt(treemap.path);
	const bytes = (i, key) => figure(`${treePath([...treemap.path, i])}.${key}`);

	return table(`${treeName(treemap.path) || "The image"}: ${node.children.length} entries, in bytes`,
		["name", "#all", "#%", "#code", "#data", "#bss"], node.children.map((child, i) =>
			[child.children ? make("button", { type: "button", class: "link",
				click: () => openTree([...treemap.path, i]) }, child.name) : child.name,
			bytes(i, "bytes"), format(child.bytes * 100 / data.size.total, 1, 1),
			bytes(i, "code"), bytes(i, "data"), bytes(i, "bss")]), { kind: "short" });
}
