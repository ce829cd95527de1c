"""Builds data/strokes/totals.bin, how many strokes a character has.

    apt-get download unicode-data && dpkg -x unicode-data_*.deb x
    python3 tools/strokes/build.py x/usr/share/unicode/Unihan_IRGSources.txt.bz2 data/strokes

The file holds a byte a character, U+3400 to U+4DBF and then U+4E00 to U+9FFF: its strokes as they are counted in Taiwan;
0 where Unihan has none. They are Unihan's kTotalStrokes, the second value where it has two, but for four radicals that
Unihan counts in their mainland forms at the side of a character and Taiwan's schools, in its Standard Form of National
Characters, by one stroke more: 艹 and 辶 have four there, 阝 on either side three. 萬 and 華, which Unihan takes apart otherwise, have
13 and 12; other characters that hold one of the four without standing under it keep their count. data/strokes/VERSION names the version.
"""

import bz2
import sys
from pathlib import Path

# Number of the radical to its strokes in Unihan's count.
ONE_MORE = {140: 3, 162: 3, 163: 2, 170: 2}
RANGES = [range(0x3400, 0x4DC0), range(0x4E00, 0xA000)]

source, out = Path(sys.argv[1]), Path(sys.argv[2])
strokes, radicals = {}, {}
for line in bz2.open(source, "rt", encoding="utf-8"):
    fields = line.rstrip("\n").split("\t")
    if len(fields) == 3 and fields[1] == "kTotalStrokes":
        strokes[int(fields[0][2:], 16)] = int(fields[2].split(" ")[-1])
    if len(fields) == 3 and fields[1] == "kRSUnicode":
        radical, rest = fields[2].split(" ")[0].split(".")
        radicals[int(fields[0][2:], 16)] = (radical, int(rest))
for c, (radical, rest) in radicals.items():
    # A radical with an apostrophe is a simplified one, which Taiwan does not write.
    form = ONE_MORE.get(int(radical)) if radical.isdigit() else None
    if form is not None and strokes.get(c) == form + rest:
        strokes[c] += 1
strokes[ord("萬")] = 13
strokes[ord("華")] = 12
table = bytes(strokes.get(c, 0) for of in RANGES for c in of)
known = {"一": 1, "花": 8, "近": 8, "部": 11, "陳": 11, "連": 11, "萬": 13, "臺": 14, "鄭": 15, "蘇": 20, "蘭": 21, "灣": 25}
for c, count in known.items():
    assert table[len(RANGES[0]) + ord(c) - 0x4E00] == count, c
(out / "totals.bin").write_bytes(table)
print(len(table), "characters,", table.count(0), "without a number")
