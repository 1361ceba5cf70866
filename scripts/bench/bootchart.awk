# awk -v title=TEXT -f bootchart.awk LOG - the boot in LOG ("MICROSECONDS TEXT" a line, with
# initcall_debug) as an SVG chart on standard output: a bar for each initcall of half a
# millisecond and more, and for each gap of 5 ms and more between two lines.
function escape(s) {
	gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s)
	return s
}
function bar(from, to, name, colour) {
	start[++n] = from; stop[n] = to; label[n] = name; fill[n] = colour
}
{ what = substr($0, length($1) + 2) }
$2 == "calling" { split($3, part, "+"); began[part[1]] = $1 }
$2 == "initcall" && / returned / {
	split($3, part, "+")
	if (part[1] in began) {
		if ($1 - began[part[1]] >= 500) bar(began[part[1]], $1, part[1], "#4878a8")
		last = $1
		next
	}
}
NR > 1 && $1 - last >= 5000 && $2 != "calling" {
	bar(last, $1, "before: " substr(what, 1, 70), "#c08040")
}
{ last = $1; end = $1 }
END {
	width = 1200; row = 16
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\"",
		width + 20, (n + 4) * row
	print " font-family=\"sans-serif\" font-size=\"11\">"
	printf "<text x=\"10\" y=\"14\" font-size=\"13\">%s: /init after %.1f ms</text>\n",
		title, end / 1000
	for (ms = 0; ms * 1000 <= end; ms += 100) {
		x = 10 + ms * 1000 * width / end
		printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/>",
			x, 2 * row, x, (n + 3) * row
		printf "<text x=\"%.1f\" y=\"%d\" fill=\"#888\">%d ms</text>\n", x + 2, 2 * row - 3, ms
	}
	for (i = 1; i <= n; i++) {
		x = 10 + start[i] * width / end; w = (stop[i] - start[i]) * width / end; y = (i + 1) * row
		name = sprintf("%s %.1f ms", label[i], (stop[i] - start[i]) / 1000)
		printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
			x, y + 3, w < 1 ? 1 : w, row - 4, fill[i]
		# the name stands where there is room for it
		if (x < width * 0.6) at = sprintf("x=\"%.1f\" y=\"%d\"", x + w + 3, y + 13)
		else at = sprintf("x=\"%.1f\" y=\"%d\" text-anchor=\"end\"", x - 3, y + 13)
		printf "<text %s>%s</text>\n", at, escape(name)
	}
	print "</svg>"
}
