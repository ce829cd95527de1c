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

  const { node, row, reader, keep } = jianfan;
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
  const files = reader(index);
  const data = new Map();
  const load = () =>
    keep(data, "", async () => {
      const names = fixed.has("tag") ? ["facets", "tags"] : ["facets"];
      const [file, tags] = await Promise.all(names.map((name) => files.get(name + ".json", "", "json")));
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
    });

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

  let turn = 0, found = [];
  const show = async (file, from) => {
    const mine = turn;
    const rows = await Promise.all(found.slice(from, from + STEP).map((n) => files.article("", n, file.per, file.documents)));
    if (mine !== turn) return;
    const items = rows.map((one) => row(one, home));
    if (!from) list.replaceChildren();
    list.append(...items);
    more.hidden = found.length <= from + STEP;
    return items;
  };
  const apply = async (choice) => {
    const mine = ++turn;
    try {
      if (!data.size) status.textContent = words.loading;
      const file = await load();
      if (mine !== turn) return;
      offer(file, choice);
      const filtered = choice.size > 0;
      // Articles are numbered from the oldest on.
      found = filtered ? matching(file, choice).reverse() : [];
      await show(file, 0);
      if (mine !== turn) return;
      list.hidden = !filtered;
      clear.disabled = !filtered;
      for (const child of original) child.hidden = filtered;
      status.textContent = !filtered ? "" : found.length ? words.found.replace("{n}", found.length) : words.none;
    } catch {
      if (mine === turn) status.textContent = words.failed;
      // A build may have replaced the files since this page read them.
      for (const all of [files, data]) all.clear();
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
    if (choice.size || data.size) apply(choice);
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
  more.addEventListener("click", async () => {
    const items = await load().then((file) => show(file, list.children.length)).catch(() => {});
    items?.[0].querySelector("a").focus();
  });
  box.addEventListener("toggle", () => box.open && !data.size && apply(chosen()));
  addEventListener("popstate", fromAddress);
  fromAddress();
})();
