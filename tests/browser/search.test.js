// The truth table of search: pairs of queries that must give the same articles in
// both editions, equal to a scan of the published text.
// JIANFAN names the program (default: the one in target/); ARCHIVE an already built sample archive.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { cpSync, existsSync, readFileSync, readdirSync } from "node:fs";
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
  while (await page.locator("#search-more").isVisible()) {
    const before = await page.locator("#search-list > li").count();
    await page.locator("#search-more").click();
    await page.waitForFunction((n) => document.querySelectorAll("#search-list > li").length > n, before);
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
