// What a page can do with a script and does without. The reader's choice of script is
// remembered, and switching keeps the place and the question.
(() => {
  const key = "jianfan.edition";
  const links = [...document.querySelectorAll(".switch a, .choices a")];
  const { classList } = document.body;
  // Without storage nothing is remembered.
  try {
    const wanted = links.find((link) => link.hreflang === localStorage.getItem(key));
    // Only the chooser leads on by itself, and not a reader who comes from inside the site to choose again.
    const inside = document.referrer.startsWith(location.origin + "/");
    if (wanted && classList.contains("page-chooser") && !inside && !location.hash) location.replace(wanted.href);
  } catch {}
  for (const link of links) {
    link.addEventListener("click", () => {
      try {
        localStorage.setItem(key, link.hreflang);
      } catch {}
      link.search = location.search;
      link.hash = location.hash;
    });
  }
})();

// What search and the narrowing of lists share.
const jianfan = {
  // An element with its text and properties.
  node(tag, text, set) {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    return Object.assign(made, set);
  },
  // An article in a list, as pages have it.
  row([title, address, day, source, lang], home) {
    const { node } = jianfan;
    const item = node("li");
    const box = node("div");
    const link = node("a", title, { className: "headline", href: home + address });
    if (lang) link.lang = lang;
    if (day) item.append(node("time", day, { dateTime: day }));
    item.append(box);
    box.append(link);
    if (source) {
      const meta = node("p", "", { className: "meta" });
      meta.append(node("span", source));
      box.append(meta);
    }
    return item;
  },
  // What `make` promises for a key, made once; what failed is made again when asked for again.
  keep(map, key, make) {
    if (!map.has(key)) {
      const made = make();
      made.catch(() => map.delete(key));
      map.set(key, made);
    }
    return map.get(key);
  },
  // Reads files of the index below an address. All but the manifest are asked for with the version the manifest gives
  // them, and say themselves which it is: one that a host or a cache has kept from another build is noticed.
  reader(base) {
    const files = new Map();
    const get = (path, version, read) =>
      jianfan.keep(files, path, async () => {
        const answer = await fetch(`${base}${path}?v=${version}`);
        if (!answer.ok) throw new Error(path);
        return answer[read]();
      });
    // What a row shows of article `n`: `per` of them stand in a file.
    const article = async (folder, n, per, versions) => {
      const at = Math.floor(n / per);
      const version = versions.slice(2 * at, 2 * at + 2);
      const { v, articles } = await get(`${folder}${at}.json`, version, "json");
      if (v !== version) throw new Error("stale");
      return articles[n % per];
    };
    return { get, article, clear: () => files.clear() };
  },
};
