#!/bin/sh
# Draw the last measured boot of the line as build/<line>/bootchart.svg: a bar for
# each initcall of half a millisecond and more and for each gap of 5 ms and more
# between two lines of the log, over emulated milliseconds. Exit 0 or 1.
. "$(dirname "$0")/../lib.sh"
[ $# = 0 ] || usage "LTS=x.y bootchart.sh"
log=$build_dir/log/boot.$LTS
[ -s "$log" ] || die "build/$LTS/log/boot.$LTS" "is not there" "run make bench LTS=$LTS first"
out=$build_dir/bootchart.svg
awk -v title="linux $LTS, 512 MB, one processor, emulated time" '
	function text(s) { gsub(/&/, "\\&amp;", s); gsub(/</, "\\&lt;", s); gsub(/>/, "\\&gt;", s); return s }
	function bar(from, to, name, colour) {
		start[++n] = from; stop[n] = to; label[n] = name; fill[n] = colour
	}
	{ what = substr($0, length($1) + 2) }
	$2 == "calling" { split($3, f, "+"); began[f[1]] = $1 }
	$2 == "initcall" && / returned / {
		split($3, f, "+")
		if (f[1] in began) {
			if ($1 - began[f[1]] >= 500) bar(began[f[1]], $1, f[1], "#4878a8")
			last = $1
			next
		}
	}
	NR > 1 && $1 - last >= 5000 && $2 != "calling" { bar(last, $1, "before: " substr(what, 1, 70), "#c08040") }
	{ last = $1; end = $1 }
	END {
		wide = 1200; row = 16
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n", wide + 20, (n + 4) * row
		printf "<text x=\"10\" y=\"14\" font-size=\"13\">%s: /init after %.1f ms</text>\n", title, end / 1000
		for (ms = 0; ms * 1000 <= end; ms += 100) {
			x = 10 + ms * 1000 * wide / end
			printf "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/><text x=\"%.1f\" y=\"%d\" fill=\"#888\">%d ms</text>\n", x, 2 * row, x, (n + 3) * row, x + 2, 2 * row - 3, ms
		}
		for (i = 1; i <= n; i++) {
			x = 10 + start[i] * wide / end; w = (stop[i] - start[i]) * wide / end; y = (i + 1) * row
			name = sprintf("%s %.1f ms", label[i], (stop[i] - start[i]) / 1000)
			printf "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>", x, y + 3, w < 1 ? 1 : w, row - 4, fill[i]
			if (x < wide * 0.6) printf "<text x=\"%.1f\" y=\"%d\">%s</text>\n", x + w + 3, y + 13, text(name)
			else printf "<text x=\"%.1f\" y=\"%d\" text-anchor=\"end\">%s</text>\n", x - 3, y + 13, text(name)
		}
		print "</svg>"
	}' "$log" >"$out.new"
mv "$out.new" "$out"
say "build/$LTS/bootchart.svg is there"
