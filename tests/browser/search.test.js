// The truth table of search: pairs of queries that must give the same articles in
// both editions, equal to a scan of the published text.
// JIANFAN names the program (default: the one in target/); ARCHIVE an already built sample archive.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { serve } from "./server.js";
import { EDITIONS, build, complaints, htmlFiles, launch, root, sample } from "./support.js";

const PAIRS = [
  ["兰州", "蘭州"],
  ["硅谷", "矽谷"],
  ["人工智能", "人工智慧"],
  ["科技创新", "科技創新"],
  ["成果转化", "成果轉化"],
  ["中关村", "中關村"],
  ["西宁", "西寧"],
];

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Address of each article page of an edition to its text without white space. */
function texts(folder, edition) {
  const found = new Map();
  for (const path of htmlFiles(folder, edition)) {
    const html = readFileSync(join(folder, path), "utf8");
    const title = /<article[^>]*>[\s\S]*?<h1[^>]*>([\s\S]*?)<\/h1>/.exec(html);
    const text = /<div class="text[^"]*">([\s\S]*?)\n<\/div>/.exec(html);
    if (!title || !text) continue;
    const plain = text[1].replace(/<\/?(p|li|h\d|td|th|tr|br|div|blockquote)\b[^>]*>/g, "|").replace(/<[^>]*>/g, "");
    found.set(path.slice(edition.length + 1, -"index.html".length), `${title[1]}|${plain}`.replace(/\n/g, ""));
  }
  return found;
}

/** What a reader finds: the addresses of all results. */
async function results(page, url, edition, query) {
  await page.goto(`${url}${edition}/search/?q=${encodeURIComponent(query)}`);
  await page.waitForFunction(() => {
    const status = document.getElementById("search-status").textContent;
    return status && !document.getElementById("search-results").hasAttribute("aria-busy");
  });
  // The list grows by itself while its end is in view; the button is for the rest.
  for (let more = true; more; ) {
    more = await page.evaluate(async () => {
      const button = document.getElementById("search-more"), list = document.getElementById("search-list");
      if (button.hidden) return false;
      const before = list.children.length;
      button.click();
      while (!button.hidden && list.children.length === before) await new Promise((done) => setTimeout(done, 5));
      return true;
    });
  }
  const links = await page.locator("#search-list a.headline").evaluateAll((all) => all.map((a) => a.pathname));
  return links.map((path) => path.split(`/${edition}/`)[1]).sort();
}

async function truthTable(folder) {
  const server = await serve(folder);
  const page = await browser.newPage();
  const errors = complaints(page);
  let hits = 0;
  try {
    const hans = texts(folder, "zh-hans");
    const hant = texts(folder, "zh-hant");
    for (const pair of PAIRS) {
      const scan = [...hans.keys()]
        .filter((path) => pair.some((word) => `${hans.get(path)}|${hant.get(path)}`.includes(word)))
        .sort();
      for (const edition of EDITIONS)
        for (const query of pair)
          assert.deepEqual(await results(page, server.url, edition, query), scan, `${query} in ${edition}`);
      hits += scan.length;
    }
    assert.ok(hits > 0, "the archive holds some of the words");
    assert.deepEqual(errors, []);
  } finally {
    await page.close();
    await server.stop();
  }
}

test("the sample archive", async () => {
  const { folder, remove } = sample();
  try {
    await truthTable(folder);
  } finally {
    remove();
  }
});

/** A page with a search, ready to be asked; `edition` and `query` as a link would have them. */
async function asked(server, edition, query, options = {}) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${server.url}${edition}/search/?q=${encodeURIComponent(query)}`);
  await settled(page);
  return page;
}

const settled = (page) =>
  page.waitForFunction(() => {
    const status = document.getElementById("search-status").textContent;
    return status && !document.getElementById("search-results").hasAttribute("aria-busy");
  });

test("any piece of the text finds what a scan finds", async () => {
  const { folder, remove } = sample();
  const server = await serve(folder);
  try {
    const of = Object.fromEntries(EDITIONS.map((edition) => [edition, texts(folder, edition)]));
    // Pieces from everywhere in the archive, of two to nine characters, the same every time.
    const pieces = [];
    for (const [at, [path]] of [...of["zh-hans"]].entries()) {
      const edition = EDITIONS[at % 2];
      const stretches = of[edition].get(path)?.match(/\p{Script=Han}{2,}/gu) ?? [];
      const stretch = stretches[(at * 17) % Math.max(stretches.length, 1)];
      if (stretch) pieces.push([edition, stretch.slice(0, 2 + (at % 8))]);
    }
    assert.ok(pieces.length > 20);
    const { from, to, words } = JSON.parse(readFileSync(join(folder, "search/index.json"), "utf8"));
    const one = new Map([...from].map((c, i) => [c, [...to][i]]));
    const fold = (text) => [...text.normalize("NFKC").toLowerCase()].map((c) => one.get(c) ?? c).join("");
    const folded = [...of["zh-hans"]].map(([path, text]) => [path, `${fold(text)}|${fold(of["zh-hant"].get(path))}`]);
    const page = await browser.newPage();
    let asked = 0;
    for (const [edition, piece] of pieces) {
      // Words with another word for the same thing find more than themselves; the truth table has those.
      if (asked === 24 || words.some((pair) => pair.some((word) => fold(piece).includes(word)))) continue;
      asked += 1;
      const scan = folded.filter(([, text]) => text.includes(fold(piece))).map(([path]) => path).sort();
      assert.ok(scan.length, piece);
      for (const shown of EDITIONS) assert.deepEqual(await results(page, server.url, shown, piece), scan, `${piece} in ${shown}`);
    }
    assert.ok(asked > 15);
    await page.close();
  } finally {
    await server.stop();
    remove();
  }
});

/** A site of our own with everything that is withheld. */
function withheld() {
  return build((work) => {
    const article = (name, head, body) => {
      mkdirSync(join(work, "content"), { recursive: true });
      writeFileSync(join(work, "content", `${name}.md`), `---\n${head}\n---\n\n${body}\n`);
    };
    article("open", "title: 蘭州新區ＡＢＣ\ndate: 2020-01-02", "開頭一段。\n\n第二段寫着 iPhone 12 與３.５%，還有密語甲。");
    article("late", "title: 近日消息\ndate: 2021-01-02", "兰州新区在正文里。");
    article("old", "title: 早年消息\ndate: 2019-01-02", `${"前文很長，說別的事。".repeat(60)}\n\n最後提到兰州新区。`);
    article("draft", "title: 草稿\ndate: 2020-01-03\ndraft: true", "密語乙在草稿裡。");
    article("gone", "title: 撤稿\ndate: 2020-01-04\nwithdrawn: 失實", "密語丙在撤稿裡。");
    article("link", "title: 僅鏈接\ndate: 2020-01-05\nrights: link\noriginal_url: https://a.example/1", "密語丁只在原處。");
    article("part", "title: 摘要\ndate: 2020-01-06\nrights: excerpt\nsummary: 摘要可見\noriginal_url: https://a.example/2", "密語戊只在原處。");
    writeFileSync(join(work, "site.yaml"), "title: 測試\nbase_url: http://localhost/\n");
  });
}

test("words, order, and what is withheld", async () => {
  const { folder, remove } = withheld();
  const server = await serve(folder);
  const page = await browser.newPage();
  const errors = complaints(page);
  try {
    const titles = async (query) => {
      await page.goto(`${server.url}zh-hant/search/?q=${encodeURIComponent(query)}`);
      await settled(page);
      return page.locator("#search-list a.headline").allTextContents();
    };
    assert.deepEqual(await titles("兰州新区"), ["蘭州新區ＡＢＣ", "近日消息", "早年消息"], "title, lead, the rest");
    assert.deepEqual(await titles("蘭州 iphone"), ["蘭州新區ＡＢＣ"], "all words, any case");
    assert.deepEqual(await titles("abc"), ["蘭州新區ＡＢＣ"], "any width");
    assert.deepEqual(await titles("3.5%"), ["蘭州新區ＡＢＣ"]);
    assert.deepEqual(await titles("密語甲"), ["蘭州新區ＡＢＣ"]);
    for (const secret of ["密語乙", "密語丙", "密語丁", "密語戊"]) assert.deepEqual(await titles(secret), [], secret);
    assert.deepEqual(await titles("摘要可見"), ["摘要"]);
    assert.match(await page.locator("#search-status").textContent(), /1/);
    assert.deepEqual(await titles("州"), [], "one character is too short");
    assert.match(await page.locator("#search-status").textContent(), /兩個字/);
    // No file of the index holds a withheld word.
    for (const name of readdirSync(join(folder, "search"), { recursive: true })) {
      if (!name.endsWith(".json")) continue;
      const text = readFileSync(join(folder, "search", name), "utf8");
      assert.ok(!/草稿|撤稿|密語|密语/.test(text), name);
    }
    // The words around the match, marked, in the reader's script.
    await titles("密语甲");
    await page.locator("#search-list mark").first().waitFor();
    assert.equal(await page.locator("#search-list .snippet mark").first().textContent(), "密語甲");
    assert.deepEqual(errors, []);
  } finally {
    await page.close();
    await server.stop();
    remove();
  }
});

test("the keyboard alone, and typing", async () => {
  const { folder, remove } = withheld();
  const server = await serve(folder);
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.url}zh-hans/search/`);
  try {
    // A slash reaches the box from anywhere; arrows go through the results and back.
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    await page.keyboard.type("蘭州新區");
    await page.locator("#search-list li").nth(2).waitFor();
    await settled(page);
    assert.match(await page.locator("#search-status").textContent(), /找到 3 篇/);
    assert.equal(await page.locator("#search-status").getAttribute("role"), "status");
    assert.equal(new URL(page.url()).searchParams.get("q"), "蘭州新區", "the address can be passed on");
    const focused = () => page.evaluate(() => document.activeElement.textContent);
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(), "兰州新区ＡＢＣ");
    await page.keyboard.press("ArrowDown");
    assert.equal(await focused(), "近日消息");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    // A keystroke later nothing of the index is asked for again.
    const before = server.requests.filter((r) => r.path.startsWith("/search/")).length;
    await page.keyboard.press("Backspace");
    await page.keyboard.press("Backspace");
    await settled(page);
    assert.equal(new URL(page.url()).searchParams.get("q"), "蘭州");
    assert.equal(server.requests.filter((r) => r.path.startsWith("/search/")).length, before);
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/2020\/01\//);
    await page.goBack();
    await page.locator("#search-list li").first().waitFor();
    assert.equal(await page.inputValue("#q"), "蘭州", "the way back keeps the query");
  } finally {
    await page.context().close();
    await server.stop();
    remove();
  }
});

test("a damaged, missing or outdated shard is said, and tried again", async () => {
  const { folder, remove } = withheld();
  const server = await serve(folder);
  const shard = join(folder, "search/g/0.bin");
  const whole = readFileSync(shard);
  try {
    const bad = [
      ["cut", () => writeFileSync(shard, whole.subarray(0, whole.length >> 1))],
      ["another version's", () => writeFileSync(shard, Buffer.concat([Buffer.from([whole[0] ^ 1, whole[1] ^ 1]), whole.subarray(2)]))],
      ["empty", () => writeFileSync(shard, "")],
    ];
    for (const [what, spoil] of bad) {
      spoil();
      const page = await asked(server, "zh-hans", "兰州");
      assert.match(await page.locator("#search-status").textContent(), /载入失败/, what);
      const retry = page.locator("#search-retry");
      assert.ok(await retry.isVisible(), what);
      writeFileSync(shard, whole);
      await retry.focus();
      await page.keyboard.press("Enter");
      await page.locator("#search-list li").first().waitFor();
      await settled(page);
      assert.ok(!(await retry.isVisible()), what);
      assert.equal(await page.evaluate(() => document.activeElement.id), "q");
      await page.context().close();
    }
  } finally {
    await server.stop();
    remove();
  }
});

const seeds = resolve(root, "../shared/seeds");
test("the seeds", { skip: existsSync(seeds) ? false : "../shared/seeds is not here" }, async () => {
  const { folder, remove } = build((work) => {
    for (const name of readdirSync(seeds))
      cpSync(join(seeds, name), join(work, "content", name.replace(/\.txt$/, ".md")), { recursive: true });
  });
  try {
    await truthTable(folder);
  } finally {
    remove();
  }
});
