// Browsing a list by facets, in place: what is chosen, counted, announced and kept in the address.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createRequire } from "node:module";
import { serve } from "./server.js";
import { EDITIONS, complaints, htmlFiles, launch, sample } from "./support.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser, archive, server;
before(async () => {
  archive = sample();
  [browser, server] = await Promise.all([launch(), serve(archive.folder)]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  archive?.remove();
});

/** What the published pages say: each article with its terms, from its own page. */
function articles(edition) {
  return htmlFiles(archive.folder, edition)
    .map((path) => [path, readFileSync(join(archive.folder, path), "utf8")])
    .filter(([, html]) => html.includes('class="page-article"') && html.includes('class="text'))
    .map(([path, html]) => {
      const terms = [...html.matchAll(/<a[^>]*class="term"[^>]*>/g)].map(([tag]) => {
        const of = (name) => new RegExp(`${name}="([^"]*)"`).exec(tag)?.[1];
        return `${of("data-taxonomy")}:${of("data-term")}`;
      });
      const year = /\/(\d{4})\//.exec(path)?.[1];
      return { path: path.slice(edition.length + 1, -"index.html".length), keys: new Set([...terms, `year:${year}`]) };
    });
}

/** The city with the most articles that also have programs. */
function richest(all, taxonomy) {
  const counts = new Map();
  for (const { keys } of all) for (const key of keys) if (key.startsWith(`${taxonomy}:`)) counts.set(key, (counts.get(key) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0][0];
}

async function settled(page) {
  await page.waitForFunction(() => /\d/.test(document.querySelector('#facets [role="status"]').textContent));
}

/** All addresses the filtered list gives. */
async function listed(page) {
  const more = page.locator("#facets > button");
  while (await more.isVisible()) {
    const n = await page.locator("#facets > .list > li").count();
    await more.click();
    await page.waitForFunction((n) => document.querySelectorAll("#facets > .list > li").length > n, n);
  }
  const paths = await page.locator("#facets > .list a.headline").evaluateAll((all) => all.map((a) => a.pathname));
  return paths.map((path) => path.replace(/^\/[^/]+\//, "")).sort();
}

for (const edition of EDITIONS)
  test(`a city by program and year in ${edition}`, async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const errors = complaints(page);
    const all = articles(edition);
    const city = richest(all, "city");
    const inCity = all.filter(({ keys }) => keys.has(city));
    const program = richest(inCity, "program");
    const wanted = inCity.filter(({ keys }) => keys.has(program));
    assert.ok(wanted.length > 0 && wanted.length < inCity.length, "the choice leaves some and not all");

    await page.goto(`${server.url}${edition}/city/${city.split(":")[1]}/`);
    // By keyboard: open, go to the first choice, take the program.
    await page.locator("#facets summary").focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#facets select").options.length > 1);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.name), "program");
    await page.locator("#facets select[name=program]").selectOption(program.split(":")[1]);
    await settled(page);
    assert.deepEqual(await listed(page), wanted.map((a) => a.path).sort());
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      const clear = await page.locator("#facets > .list > li").evaluateAll((all) =>
        all.every((item) => {
          const [time, link] = ["time", "a"].map((tag) => item.querySelector(tag).getBoundingClientRect());
          return time.right <= link.left || time.bottom <= link.top;
        }),
      );
      assert.ok(clear, `no date lies over a headline at ${width} px`);
    }
    const status = await page.locator('#facets [role="status"]').textContent();
    assert.equal(Number(/\d+/.exec(status)[0]), wanted.length, "the number is announced");
    assert.equal(await page.locator("#list > section").first().isVisible(), false, "the whole list is put away");
    assert.equal(new URL(page.url()).searchParams.get("program"), program.split(":")[1]);

    // Each option leads to as many articles as it says.
    const years = await page.locator("#facets select[name=year] option").evaluateAll((all) => all.map((o) => [o.value, o.textContent]));
    for (const [year, label] of years.filter(([value]) => value)) {
      const n = wanted.filter(({ keys }) => keys.has(`year:${year}`)).length;
      assert.equal(Number(/\((\d+)\)$/.exec(label)[1]), n, label);
    }

    // The address alone gives the same list, also in another window and after going back.
    const second = await context.newPage();
    await second.goto(page.url());
    await settled(second);
    assert.deepEqual(await listed(second), wanted.map((a) => a.path).sort());
    await second.evaluate(axe);
    const { violations } = await second.evaluate(() => axe.run(document));
    assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target)}`), []);
    await page.goBack();
    await page.locator("#list > section").first().waitFor({ state: "visible" });
    assert.equal(new URL(page.url()).search, "");
    await page.goForward();
    await settled(page);
    await page.locator("#facets button[type=reset]").click();
    await page.locator("#list > section").first().waitFor({ state: "visible" });
    assert.equal(new URL(page.url()).search, "");
    assert.deepEqual(errors, []);
    await context.close();
  });

test("a tag, the archive and the undated are narrowed too", async () => {
  const page = await browser.newPage();
  const errors = complaints(page);
  const all = articles("zh-hans");
  const tag = richest(all, "tag");
  const lists = [
    [`tag/${tag.split(":")[1]}/`, all.filter(({ keys }) => keys.has(tag))],
    ["archive/", all],
    ["undated/", all.filter(({ path }) => path.startsWith("undated/"))],
  ];
  for (const [list, within] of lists) {
    await page.goto(`${server.url}zh-hans/${list}`);
    await page.locator("#facets summary").click();
    await page.waitForFunction(() => document.querySelector("#facets select[name=script]").options.length > 1);
    // Every choice of every facet says how many articles it leaves; the longest one is taken.
    const options = await page.locator("#facets select[name=script] option").evaluateAll((all) => all.map((o) => [o.value, o.textContent]));
    const counts = options.slice(1).map(([value, label]) => [value, Number(/\((\d+)\)$/.exec(label)[1])]);
    assert.equal(counts.reduce((n, [, count]) => n + count, 0), within.length, list);
    const [value, count] = counts.sort((a, b) => b[1] - a[1])[0];
    await page.locator("#facets select[name=script]").selectOption(value);
    await settled(page);
    const found = await listed(page);
    assert.equal(found.length, count, list);
    const paths = new Set(within.map(({ path }) => path));
    assert.deepEqual(found.filter((path) => !paths.has(path)), [], list);
  }
  assert.deepEqual(errors, []);
  await page.close();
});

test("without a script the list stands alone", async () => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const city = richest(articles("zh-hans"), "city").split(":")[1];
  await page.goto(`${server.url}zh-hans/city/${city}/?program=x`);
  assert.equal(await page.locator("#facets").isVisible(), false);
  assert.ok(await page.locator("#list > section").first().isVisible());
  await context.close();
});
