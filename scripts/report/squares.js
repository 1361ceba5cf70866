/*
 * Squarified layout: rectangles for VALUES (positive, descending) that fill the box and are
 * as square as they get, [{x, y, width, height}] in the order of VALUES.
 */
function squares(values, x, y, width, height) {
	const total = values.reduce((a, b) => a + b, 0);
	const out = [];
	let rest = values.map((value) => value * width * height / total);

	while (rest.length) {
		const side = Math.min(width, height);
		let n = 1;
		while (n < rest.length && worst(rest.slice(0, n + 1), side) <= worst(rest.slice(0, n), side))
			n++;
		const row = rest.slice(0, n), thick = row.reduce((a, b) => a + b, 0) / side;
		let along = 0;
		for (const area of row) {
			const long = area / thick;
			out.push(width >= height ? { x, y: y + along, width: thick, height: long } :
				{ x: x + along, y, width: long, height: thick });
			along += long;
		}
		if (width >= height) {
			x += thick;
			width = Math.max(width - thick, 0);
		} else {
			y += thick;
			height = Math.max(height - thick, 0);
		}
		rest = rest.slice(n);
	}
	return out;
}

/* the worst ratio of sides in a row of areas along SIDE */
function worst(areas, side) {
	const sum = areas.reduce((a, b) => a + b, 0), square = side * side / (sum * sum);
	return Math.max(areas[0] * square, 1 / (areas[areas.length - 1] * square));
}
