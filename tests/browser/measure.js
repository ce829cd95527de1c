// What a query loads on a first visit, gzip: node measure.js FOLDER [--sets 3] [--seed 1] [--width 360] [QUERY…]
// Without queries it draws sets of 20 from the pages of FOLDER, of two to six characters each: pieces of text wherever
// they fall, words of Latin letters and numbers, in both scripts. Everything counts: page, style, scripts, manifest,
// shards, documents, and the pages that the words around a match are taken from. Prints a line a query, and for each set
// the median and the most.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { serve } from "./server.js";
import { EDITIONS, htmlFiles } from "./support.js";

const [folder, ...rest] = process.argv.slice(2);
const option = (name, otherwise) => {
  const at = rest.indexOf(`--${name}`);
  return at < 0 ? otherwise : Number(rest.splice(at, 2)[1]);
};
const sets = option("sets", 3), width = option("width", 360);
let state = option("seed", 1);
/** A number below `n`, the same for the same seed everywhere. */
const below = (n) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * n);
};

/** Draws a set of queries. */
function draw(count) {
  const articles = EDITIONS.map((edition) => htmlFiles(folder, edition).filter((path) => /\/(\d{4}\/\d\d|undated)\//.test(path)));
  const queries = new Set();
  while (queries.size < count) {
    const of = articles[below(articles.length)];
    const html = readFileSync(join(folder, of[below(of.length)]), "utf8");
    const text = (/<div class="text[^"]*">([\s\S]*?)\n<\/div>/.exec(html)?.[1] ?? "").replace(/<[^>]*>|&\w+;/g, "\n");
    const latin = queries.size % 5 === 4;
    const stretches = text.match(latin ? /[A-Za-z]{2,6}(?![A-Za-z])|\d{2,6}(?!\d)/g : /\p{Script=Han}{2,}/gu) ?? [];
    if (!stretches.length) continue;
    const stretch = [...stretches[below(stretches.length)]];
    const length = Math.min(stretch.length, latin ? 6 : 2 + (queries.size % 5));
    const from = below(stretch.length - length + 1);
    queries.add(stretch.slice(from, from + length).join(""));
  }
  return [...queries];
}

const server = await serve(folder);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

/** Asks once, as a reader who comes for the first time. */
async function ask(query, edition) {
  const context = await browser.newContext({ viewport: { width, height: width < 700 ? 740 : 800 } });
  const page = await context.newPage();
  server.requests.length = 0;
  await page.goto(`${server.url}${edition}/search/?q=${encodeURIComponent(query)}`);
  const ready = () =>
    page.waitForFunction(() => {
      const status = document.getElementById("search-status").textContent;
      return status && !document.getElementById("search-results").hasAttribute("aria-busy");
    });
  await ready();
  await page.waitForLoadState("networkidle");
  const sum = (test) => server.requests.filter((r) => test(r.path)).reduce((n, r) => n + r.gzip, 0) / 1000;
  const parts = {
    shards: sum((path) => path.startsWith("/search/g/")),
    manifest: sum((path) => path === "/search/index.json"),
    documents: sum((path) => /^\/search\/[^/]+\/\d+\.json$/.test(path)),
    pages: sum((path) => /\/(\d{4}\/\d\d|undated)\//.test(path)),
    all: sum(() => true),
  };
  const status = await page.locator("#search-status").textContent();
  const ms = await page.evaluate(async () => {
    const box = document.getElementById("q"), section = document.getElementById("search-results");
    const from = performance.now();
    box.dispatchEvent(new Event("input"));
    while (section.hasAttribute("aria-busy")) await new Promise((done) => setTimeout(done, 0));
    return performance.now() - from;
  });
  await context.close();
  return { parts, status, ms };
}

for (let set = 0; set < (rest.length ? 1 : sets); set++) {
  const all = [], again = [];
  for (const [at, query] of (rest.length ? rest : draw(20)).entries()) {
    const { parts, status, ms } = await ask(query, EDITIONS[at % 2]);
    all.push(parts.all);
    again.push(ms);
    const columns = Object.entries(parts).map(([name, kilobytes]) => `${name} ${kilobytes.toFixed(1)}`);
    console.log(`${query}\t${columns.join("\t")}\t${ms.toFixed(0)} ms again\t${status}`);
  }
  for (const numbers of [all, again]) numbers.sort((a, b) => a - b);
  console.log(`median ${all[all.length >> 1].toFixed(1)} kB, most ${all.at(-1).toFixed(1)} kB; again median ${again[again.length >> 1].toFixed(0)} ms, most ${again.at(-1).toFixed(0)} ms\n`);
}
await browser.close();
await server.stop();
