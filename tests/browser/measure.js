// How much a first visit loads, gzip: node measure.js FOLDER QUERY… ; prints a line a query, then median and most.
import { chromium } from "playwright-core";
import { serve } from "./server.js";

const [folder, ...queries] = process.argv.slice(2);
const server = await serve(folder);
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
const all = [];
for (const query of queries) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  const page = await context.newPage();
  server.requests.length = 0;
  await page.goto(`${server.url}zh-hans/search/?q=${encodeURIComponent(query)}`);
  await page.waitForFunction(() => {
    const status = document.getElementById("search-status").textContent;
    return status && !document.getElementById("search-results").hasAttribute("aria-busy");
  });
  await page.waitForTimeout(600);
  const status = await page.locator("#search-status").textContent();
  const sum = (test) => server.requests.filter((r) => test(r.path)).reduce((n, r) => n + r.gzip, 0);
  const data = sum((path) => path.startsWith("/search/"));
  const pages = sum((path) => /^\/zh-hans\/(\d{4}|undated)\//.test(path));
  const ms = await page.evaluate(async () => {
    const box = document.getElementById("q"), section = document.getElementById("search-results");
    const from = performance.now();
    box.dispatchEvent(new Event("input"));
    while (section.hasAttribute("aria-busy")) await new Promise((done) => setTimeout(done, 1));
    return performance.now() - from;
  });
  all.push(data);
  console.log(`${query}\t${(data / 1000).toFixed(1)} kB index\t${(pages / 1000).toFixed(1)} kB pages\t${ms.toFixed(0)} ms again\t${status}`);
  await context.close();
}
all.sort((a, b) => a - b);
console.log(`median ${(all[all.length >> 1] / 1000).toFixed(1)} kB, most ${(all.at(-1) / 1000).toFixed(1)} kB`);
await browser.close();
await server.stop();
