// Search across scripts. Reads the index that jianfan builds (the table at the
// head of src/search.rs) piece by piece; folds a query as src/search/fold.rs does.
(() => {
  const at = (id) => document.getElementById(id);
  const form = at("search"), box = at("q"), section = at("search-results");
  const status = at("search-status"), list = at("search-list"), examples = at("search-examples");
  if (!form || !section) return;
  const { index, root, edition, loading, none, found, short, failed, more, retry } = section.dataset;
  // As many rows as a small screen shows; more follow when the end of the list comes into view, the rest when asked for.
  const FIRST = 3, STEP = 3, BY_ITSELF = 30, ASKED = 10;

  // ---- Folding -----------------------------------------------------------
  const LATIN = 0, WORD = 1, BEHIND = 2, BETWEEN = 3, SPACE = 4, LINE = 5, NOTHING = 6, BREAK = 7;
  const word = /[\p{Alphabetic}\p{N}]/u;
  const space = /\p{White_Space}/u;
  const empty = /[\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]/;
  const chars = new Map();
  const known = new Map();

  const classOf = (c) => {
    if (/^[a-z0-9]$/.test(c)) return LATIN;
    if ("+#%".includes(c)) return BEHIND;
    if (".,-/:&@_'".includes(c)) return BETWEEN;
    if (c === "\n" || c === "\r") return LINE;
    if (empty.test(c)) return NOTHING;
    if (space.test(c)) return SPACE;
    return word.test(c) ? WORD : BREAK;
  };
  const foldChar = (raw) => {
    let made = known.get(raw);
    if (!made) {
      made = [];
      for (const n of raw.normalize("NFKC")) {
        for (const low of n.toLowerCase()) {
          const c = chars.get(low) ?? low;
          made.push([c, classOf(c)]);
        }
      }
      known.set(raw, made);
    }
    return made;
  };
  // Gives the folded text, with a 0 between stretches, and where each unit stood.
  const fold = (text) => {
    let out = "", pending = NOTHING, sign = "", last = BREAK, at = 0;
    const places = [];
    const put = (s) => {
      for (let i = 0; i < s.length; i++) places.push(at);
      out += s;
    };
    for (const raw of text) {
      for (const [c, kind] of foldChar(raw)) {
        if (kind === LATIN || kind === WORD) {
          const latin = last !== WORD && kind === LATIN;
          const both = last === WORD && kind === WORD;
          let ends = pending === BREAK;
          if (pending === SPACE) ends = latin || both;
          if (pending === LINE) ends = latin;
          if (pending === BETWEEN) {
            if (latin) put(sign);
            else ends = true;
          }
          if (ends && out && !out.endsWith("\0")) put("\0");
          pending = NOTHING;
          put(c);
          last = kind;
        } else if (kind === BEHIND && pending === NOTHING && (last === LATIN || last === BEHIND)) {
          put(c);
          last = BEHIND;
        } else if (kind === BETWEEN && pending === NOTHING && last === LATIN) {
          pending = BETWEEN;
          sign = c;
        } else if (kind === SPACE || kind === LINE) {
          if (pending === NOTHING || pending === SPACE) pending = kind;
          else if (pending !== LINE) pending = BREAK;
        } else if (kind !== NOTHING) {
          pending = BREAK;
        }
      }
      at += raw.length;
    }
    places.push(at);
    return { out, places };
  };

  // ---- Files -------------------------------------------------------------
  const { node, row, reader } = jianfan;
  const files = reader(index);
  const kept = new Map();
  const keep = (key, make) => jianfan.keep(kept, key, make);
  // The manifest, once it is there.
  let site;
  const start = () =>
    keep("", async () => {
      const made = await (await fetch(index + "index.json", { cache: "no-cache" })).json();
      if (made.version !== 2) throw new Error("version");
      const to = [...made.to];
      chars.clear();
      [...made.from].forEach((c, i) => chars.set(c, to[i]));
      known.clear();
      made.words = made.words.flatMap(([a, b, mutual]) => (mutual ? [[a, b], [b, a]] : [[a, b]]));
      site = made;
    });

  // ---- Lists -------------------------------------------------------------
  class Bits {
    constructor(bytes, at) {
      this.bytes = bytes;
      this.at = at;
    }
    bit() {
      const at = this.at++;
      return (this.bytes[at >> 3] >> (7 - (at & 7))) & 1;
    }
    bits(n) {
      let v = 0;
      while (n > 0) {
        const free = 8 - (this.at & 7);
        const take = n < free ? n : free;
        v = v * (1 << take) + ((this.bytes[this.at >> 3] >> (free - take)) & ((1 << take) - 1));
        this.at += take;
        n -= take;
      }
      return v;
    }
    gamma() {
      let n = 0;
      while (!this.bit() && n < 32) n++;
      return 2 ** n + this.bits(n);
    }
    rice(k) {
      let run = 0;
      while (this.bit()) if (++run === 24) return this.bits(32);
      return run * 2 ** k + this.bits(k);
    }
  }
  const parameter = (sum, count) => {
    let k = 0;
    while (k < 24 && 200 * 2 ** k * count <= sum * 69) k++;
    return k;
  };
  const lowest = (n) => Math.ceil((n * 2 ** 32) / site.shards);
  // A shard: hash of each gram to where its list begins.
  const shard = (n) =>
    keep("g" + n, async () => {
      const version = site.v.slice(2 * n, 2 * n + 2);
      const bytes = new Uint8Array(await files.get(`g/${n}.bin`, version, "arrayBuffer"));
      const own = btoa("\0" + String.fromCharCode(...bytes.slice(0, 2)));
      if (own.slice(2).replaceAll("+", "-").replaceAll("/", "_") !== version) throw new Error("stale");
      const bits = new Bits(bytes, 16);
      const count = bits.gamma() - 1;
      const made = { bytes, lists: new Map() };
      if (count) {
        made.articles = bits.gamma();
        made.length = bits.gamma();
        const k = parameter(lowest(n + 1) - lowest(n), count);
        let hash = lowest(n), end = 0;
        for (let i = 0; i < count; i++) {
          hash += bits.rice(k);
          made.lists.set(hash, end);
          end += bits.gamma();
        }
        made.from = (bits.at + 7) >> 3;
        if (made.from + end !== bytes.length) throw new Error("stale");
      }
      return made;
    });
  // The list of a gram: each of its articles to the places there.
  const gram = (a, b) =>
    keep(a * 65536 + b, async () => {
      const hash = Math.imul(a * 65536 + b, 0x9e3779b1) >>> 0;
      const from = await shard(Math.floor((hash * site.shards) / 2 ** 32));
      const list = new Map();
      const at = from.lists.get(hash);
      if (at === undefined) return list;
      const bits = new Bits(from.bytes, 8 * (from.from + at));
      const count = bits.gamma();
      const k = parameter(from.articles, count);
      const ks = [];
      for (let i = 0, article = 0; i < count; i++, article++) {
        article += bits.rice(k);
        const places = [];
        const n = bits.gamma();
        const kp = (ks[n] ??= parameter(from.length, n + 1));
        for (let place = 0; places.length < n; place++) places.push((place += bits.rice(kp)));
        list.set(article, places);
      }
      return list;
    });
  const TITLE = 2, LEAD = 1;
  // The articles of a stretch: number to zones.
  const stretch = async (text) => {
    const last = text.length - 2;
    // Grams that cover the stretch; the places of two that overlap agree too.
    const covers = [last];
    for (let at = 0; at < last; at += 2) covers.push(at);
    const lists = await Promise.all(
      covers.map(async (at) => ({ at, of: await gram(text.charCodeAt(at), text.charCodeAt(at + 1)) })),
    );
    const [least, ...rest] = lists.sort((a, b) => a.of.size - b.of.size);
    const hits = new Map();
    for (const [article, places] of least.of)
      for (const place of places) {
        const start = place - least.at;
        if (rest.every(({ at, of }) => of.get(article)?.includes(start + at)))
          hits.set(article, hits.get(article) | (start < site.title ? TITLE : start < site.lead ? LEAD : 0));
      }
    return hits;
  };

  // All ways to write a stretch, by words for one thing.
  const ways = (text) => {
    const all = new Set([text]);
    for (const way of all) {
      for (const [asked, written] of site.words) {
        for (let at = way.indexOf(asked); at >= 0 && all.size < 12; at = way.indexOf(asked, at + 1)) {
          all.add(way.slice(0, at) + written + way.slice(at + asked.length));
        }
      }
    }
    return [...all];
  };
  const ask = async (text) => {
    await start();
    // White space stands between words that all have to be there, Latin or Chinese.
    const stretches = [...new Set(text.split(/\s+/u).flatMap((w) => fold(w).out.split("\0")))].filter((s) => s.length > 1);
    const terms = stretches.map(ways);
    const found = await Promise.all(
      terms.map(async (all) => {
        const hits = new Map();
        for (const one of await Promise.all(all.map(stretch)))
          for (const [article, z] of one) hits.set(article, hits.get(article) | z);
        return hits;
      }),
    );
    found.sort((a, b) => a.size - b.size);
    const rows = [];
    for (const article of found.length ? found[0].keys() : []) {
      let title = 0, lead = 0, all = true;
      for (const hits of found) {
        const z = hits.get(article);
        if (z === undefined) all = false;
        title += z >> 1;
        lead += z & LEAD;
      }
      if (all) rows.push([article, title, lead]);
    }
    // In the title first, then in the lead, then the newest; articles are numbered from the oldest on.
    rows.sort((a, b) => b[1] - a[1] || b[2] - a[2] || b[0] - a[0]);
    return { short: !terms.length, words: terms.flat(), rows: rows.map((r) => r[0]) };
  };

  // ---- What the reader sees ----------------------------------------------
  // Where the words stand in a text, as ranges that do not overlap.
  const find = (text, words) => {
    const { out, places } = fold(text);
    const ranges = [];
    for (const w of words)
      for (let at = out.indexOf(w); at >= 0; at = out.indexOf(w, at + 1))
        ranges.push([places[at], places[at + w.length - 1] + 1]);
    ranges.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    const kept = [];
    for (const r of ranges) {
      const before = kept[kept.length - 1];
      if (before && r[0] <= before[1]) before[1] = Math.max(before[1], r[1]);
      else kept.push(r);
    }
    return kept;
  };
  const marked = (to, text, words, from = 0, until = text.length) => {
    let at = from;
    for (const [start, end] of find(text, words)) {
      if (end <= from || start >= until) continue;
      to.append(text.slice(at, Math.max(at, start)));
      to.append(node("mark", text.slice(Math.max(at, start), Math.min(end, until))));
      at = Math.min(end, until);
    }
    to.append(text.slice(at, until));
  };
  const BLOCKS = "p,li,td,th,h2,h3,h4,h5,h6,pre,dt,dd,figcaption,blockquote";
  const snippet = (body, words) => {
    const blocks = body.querySelector(BLOCKS) ? [...body.querySelectorAll(BLOCKS)] : [body];
    const made = document.createDocumentFragment();
    const asked = blocks.find((b) => !b.querySelector(BLOCKS) && find(b.textContent, words).length) ?? blocks[0];
    const text = asked.textContent.trim();
    const [first] = find(text, words);
    const from = first ? Math.max(0, first[0] - 24) : 0;
    const until = Math.min(text.length, from + 96);
    if (from) made.append("…");
    marked(made, text, words, from, until);
    if (until < text.length) made.append("…");
    return made;
  };
  // The words around a match come from the article's own page, when its place in the list is seen.
  const page = (url) =>
    keep(url, async () => {
      const answer = await fetch(url);
      const at = new DOMParser().parseFromString(answer.ok ? await answer.text() : "", "text/html");
      return at.querySelector("article .text") ?? at.querySelector("article");
    });
  const seen = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || !target.words) continue;
      seen.unobserve(target);
      // A reader who is still typing asks for nothing yet.
      setTimeout(async () => {
        if (!target.isConnected) return;
        const body = await page(target.querySelector("a").href).catch(() => {});
        if (body) target.querySelector(".snippet").append(snippet(body, target.words));
      }, 250);
    }
  });
  const home = `${root}${edition}/`;
  const article = (n) => files.article(`${edition}/`, n, site.per, site.documents[edition]);
  const result = (one) => {
    const { words } = results;
    const item = row(one, home);
    const link = item.querySelector("a");
    link.replaceChildren();
    marked(link, one[0], words);
    // Room for the words to come, so that nothing below moves when they do.
    const text = node("p", "", { className: "snippet" });
    text.style.minHeight = "3.2em";
    if (link.lang) text.lang = link.lang;
    item.lastChild.append(text);
    item.words = words;
    seen.observe(item);
    return item;
  };
  const control = (text, id) => node("button", text, { type: "button", id, hidden: true });
  const button = control(more, "search-more");
  const once = control(retry, "search-retry");
  list.after(button);
  status.after(once);

  let turn = 0, results, again = false;
  const show = async (mine, from, count) => {
    const rows = await Promise.all(results.rows.slice(from, from + count).map(article));
    if (mine !== turn || (from && from !== list.children.length)) return;
    const items = rows.map(result);
    if (!from) list.replaceChildren();
    list.append(...items);
    button.hidden = results.rows.length <= from + count;
    // Whether the end of the list is in view is asked anew, now that it has moved.
    near.unobserve(button);
    if (!button.hidden && list.children.length < BY_ITSELF) near.observe(button);
    return items;
  };
  const near = new IntersectionObserver((entries) => {
    if (entries.some((e) => e.isIntersecting)) show(turn, list.children.length, STEP).catch(() => {});
  });
  const say = (text) => {
    if (status.textContent !== text) status.textContent = text;
  };
  const search = async () => {
    const mine = ++turn;
    const text = box.value.trim();
    const url = new URL(location.href);
    if (text) url.searchParams.set("q", text);
    else url.searchParams.delete("q");
    if (url.href !== location.href) history.replaceState(null, "", url);
    section.setAttribute("aria-busy", "true");
    if (examples) examples.hidden = text !== "";
    try {
      if (!text) {
        say("");
        results = { rows: [], words: [] };
      } else {
        if (!site) say(loading);
        const made = await ask(text);
        if (mine !== turn) return;
        results = made;
      }
      await show(mine, 0, FIRST);
      if (mine !== turn) return;
      once.hidden = true;
      if (text) {
        const n = results.rows.length;
        say(results.short ? short : n ? found.replace("{n}", n) : none.replace("{q}", text));
      }
      again = false;
    } catch {
      if (mine !== turn) return;
      // A build may have replaced the index since this page read it: once more from the start.
      site = undefined;
      for (const all of [files, kept]) all.clear();
      if (!again) {
        again = true;
        return search();
      }
      again = false;
      list.replaceChildren();
      button.hidden = true;
      once.hidden = false;
      say(failed);
    } finally {
      if (mine === turn) section.removeAttribute("aria-busy");
    }
  };

  // ---- The keyboard ------------------------------------------------------
  button.addEventListener("click", async () => {
    const items = await show(turn, list.children.length, ASKED).catch(() => {});
    items?.[0]?.querySelector("a").focus();
  });
  once.addEventListener("click", () => {
    box.focus();
    search();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  box.addEventListener("input", (event) => {
    if (!event.isComposing) search();
  });
  box.addEventListener("compositionend", search);
  addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const stops = [box, ...list.querySelectorAll("a"), ...(button.hidden ? [] : [button])];
    const at = stops.indexOf(document.activeElement);
    const typing = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName);
    if (event.key === "/" && !typing) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (at >= 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const to = stops[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (to) {
        event.preventDefault();
        to.focus();
      }
    } else if (event.key === "Escape" && at > 0) {
      box.focus();
    }
  });
  const fromAddress = () => {
    box.value = new URL(location.href).searchParams.get("q") ?? "";
    if (box.value) search();
  };
  addEventListener("popstate", fromAddress);
  fromAddress();
  box.addEventListener("focus", () => start().catch(() => {}), { once: true });
})();
