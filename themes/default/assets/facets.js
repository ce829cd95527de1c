// Browsing a list by city, program, year, script of origin and source, in place. Reads
// search/EDITION/facets.json when asked; the choice stands in the address. Without this
// script the same ways are the pages of cities, programs and years.
(() => {
  const at = document.getElementById("facets");
  const groups = document.getElementById("list");
  if (!at || !groups) return;
  const { index, home } = at.dataset, words = at.dataset;
  const FACETS = ["city", "program", "year", "script", "source"], STEP = 50;

  // What the list is of by itself: its address tells.
  const path = location.pathname.slice(new URL(home, location).pathname.length);
  const fixed = new Map([...path.matchAll(/(?:^|\/)(city|program|tag)\/([^/]+)/g)].map((m) => [m[1], m[2]]));
  const year = /^(\d{4})\//.exec(path);
  if (year) fixed.set("year", year[1]);
  if (path.startsWith("undated/")) fixed.set("year", "undated");

  const node = (tag, text, set) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    return Object.assign(made, set);
  };
  const box = node("details");
  box.append(node("summary", words.title));
  const form = node("form");
  const status = node("p", "", { className: "meta" });
  status.setAttribute("role", "status");
  const list = node("ul", "", { className: "list", hidden: true });
  const more = node("button", words.more, { type: "button", hidden: true });
  const clear = node("button", words.clear, { type: "reset" });
  const selects = new Map();
  for (const id of FACETS.filter((id) => !fixed.has(id))) {
    const label = node("label", words[id]);
    const select = node("select", "", { name: id });
    select.append(node("option", words.all, { value: "" }));
    label.append(select);
    form.append(label);
    selects.set(id, select);
  }
  form.append(clear);
  box.append(form);
  at.append(box, status, list, more);
  at.hidden = false;
  const original = [...groups.children].filter((child) => child !== at);

  // The file, read once: facet to value to the set of its articles.
  let data;
  const load = () =>
    (data ??= Promise.all(
      ["facets", ...(fixed.has("tag") ? ["tags"] : [])].map((name) =>
        fetch(`${index}${name}.json`).then((r) => (r.ok ? r.json() : Promise.reject(new Error(r.status)))),
      ),
    )
      .then(([file, tags]) => {
        const facets = new Map();
        for (const { id, values } of [...file.facets, ...(tags?.facets ?? [])]) {
          const of = new Map();
          for (const [value, name, gaps] of values) {
            let next = 0;
            const set = new Set(gaps.map((gap) => ((next += gap + 1), next - 1)));
            of.set(value, { name: name || words[value] || value, set });
          }
          facets.set(id, of);
        }
        return { ...file, facets };
      })
      .catch((error) => {
        data = undefined;
        throw error;
      }));

  const chosen = () => new Map([...selects].map(([id, s]) => [id, s.value]).filter(([, value]) => value));
  const matching = (file, choice) => {
    const sets = [...fixed, ...choice].map(([id, value]) => file.facets.get(id)?.get(value)?.set ?? new Set());
    if (!sets.length) return Array.from({ length: file.articles }, (_, n) => n);
    sets.sort((a, b) => a.size - b.size);
    return [...sets[0]].filter((n) => sets.every((set) => set.has(n)));
  };
  // Each choice says how many articles it would leave, given the others; none is offered that leaves none.
  const offer = (file, choice) => {
    for (const [id, select] of selects) {
      const others = new Map(choice);
      others.delete(id);
      const left = matching(file, others);
      const options = [node("option", words.all, { value: "" })];
      const values = [...(file.facets.get(id) ?? [])].map(([value, { name, set }]) => [value, name, left.filter((n) => set.has(n)).length]);
      // Years are in their order, what has none at the end.
      const key = (value) => (value === "undated" ? "" : value);
      values.sort((a, b) => (id === "year" ? key(b[0]).localeCompare(key(a[0])) : b[2] - a[2] || (a[0] < b[0] ? -1 : 1)));
      for (const [value, name, n] of values)
        if (n || value === choice.get(id)) options.push(node("option", `${name} (${n})`, { value }));
      select.replaceChildren(...options);
      select.value = choice.get(id) ?? "";
    }
  };

  const files = new Map();
  const article = async (file, n) => {
    const at = Math.floor(n / file.per);
    const version = file.documents.slice(2 * at, 2 * at + 2);
    if (!files.has(at)) files.set(at, fetch(`${index}${at}.json?v=${version}`).then((r) => r.json()));
    const made = await files.get(at);
    if (made.v !== version) throw new Error("stale");
    return made.articles[n % file.per];
  };
  const row = ([title, address, day, source, lang]) => {
    const item = node("li"), text = node("div");
    if (day) item.append(node("time", day, { dateTime: day }));
    text.append(node("a", title, { className: "headline", href: home + address, lang: lang || "" }));
    if (!lang) text.firstChild.removeAttribute("lang");
    if (source) {
      const meta = node("p", "", { className: "meta" });
      meta.append(node("span", source));
      text.append(meta);
    }
    item.append(text);
    return item;
  };

  let turn = 0, found = [];
  const show = async (mine, file, from) => {
    const rows = await Promise.all(found.slice(from, from + STEP).map((n) => article(file, n)));
    if (mine !== turn) return;
    const items = rows.map(row);
    if (from) list.append(...items);
    else list.replaceChildren(...items);
    more.hidden = found.length <= from + STEP;
    if (from) items[0]?.querySelector("a").focus();
  };
  const apply = async (choice) => {
    const mine = ++turn;
    try {
      if (!data) status.textContent = words.loading;
      const file = await load();
      if (mine !== turn) return;
      offer(file, choice);
      const filtered = choice.size > 0;
      // Articles are numbered from the oldest on.
      found = filtered ? matching(file, choice).reverse() : [];
      await show(mine, file, 0);
      if (mine !== turn) return;
      list.hidden = !filtered;
      clear.disabled = !filtered;
      for (const child of original) child.hidden = filtered;
      status.textContent = !filtered ? "" : found.length ? words.found.replace("{n}", found.length) : words.none;
    } catch {
      if (mine === turn) status.textContent = words.failed;
      files.clear();
    }
  };
  const remember = (choice) => {
    const url = new URL(location);
    for (const id of FACETS) url.searchParams.delete(id);
    for (const [id, value] of choice) url.searchParams.set(id, value);
    if (url.href !== location.href) history.pushState(null, "", url);
  };
  const fromAddress = () => {
    const asked = new URL(location).searchParams;
    const choice = new Map([...selects.keys()].map((id) => [id, asked.get(id)]).filter(([, value]) => value));
    if (choice.size) box.open = true;
    if (choice.size || data) apply(choice);
  };
  form.addEventListener("change", () => {
    const choice = chosen();
    remember(choice);
    apply(choice);
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    remember(new Map());
    apply(new Map());
    box.firstChild.focus();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", () => load().then((file) => show(turn, file, list.children.length)));
  box.addEventListener("toggle", () => box.open && !data && apply(chosen()));
  addEventListener("popstate", fromAddress);
  fromAddress();
})();
