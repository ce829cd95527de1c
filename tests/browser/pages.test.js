// Every kind of page: accessible by axe, valid, silent, usable by keyboard and without a script.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { HtmlValidate } from "html-validate";
import { serve } from "./server.js";
import { EDITIONS, complaints, htmlFiles, launch, sample } from "./support.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const WIDTHS = [360, 1280];
const SCHEMES = ["light", "dark"];
// A scheme changes nothing but colours, so in the second only they are looked at again.
const COLOURS = ["color-contrast", "link-in-text-block"];

let browser, archive, server, files;
before(async () => {
  archive = sample();
  files = htmlFiles(archive.folder);
  [browser, server] = await Promise.all([launch(), serve(archive.folder)]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  archive?.remove();
});

const html = (path) => readFileSync(join(archive.folder, path), "utf8");
const address = (path) => server.url + path.replace(/(^|\/)index\.html$/, "$1");

const isArticle = (path) => html(path).includes('class="page-article"');
/** What stands in the place of a withdrawn article has its title and no text. */
const isTombstone = (path) => isArticle(path) && !html(path).includes('class="text') && html(path).includes('content="noindex"');

/** One page of each kind an edition has: its name and path. */
function kinds(edition) {
  const articles = files.filter((path) => path.startsWith(`${edition}/`) && isArticle(path) && !isTombstone(path));
  const first = (test, name) => {
    const path = files.find((path) => path.startsWith(`${edition}/`) && test(path));
    assert.ok(path, `the sample has a page of the kind ${name}`);
    return [name, path];
  };
  const richest = articles.map((path) => [html(path).length, path]).sort((a, b) => b[0] - a[0])[0];
  return [
    ["home", `${edition}/index.html`],
    ["article", richest[1]],
    first((path) => /\/city\/[^/]+\/index/.test(path), "term"),
    first((path) => /\/tag\/[^/]+\/index/.test(path), "tag"),
    first((path) => /\/page\/\d+\//.test(path), "page of a long list"),
    ["terms", `${edition}/program/index.html`],
    first((path) => /\/city\/[^/]+\/program\/[^/]+\/index/.test(path), "cross"),
    ["matrix", `${edition}/matrix/index.html`],
    first((path) => /\/20\d\d\/index/.test(path), "year"),
    ["archive", `${edition}/archive/index.html`],
    ["undated", `${edition}/undated/index.html`],
    ["search", `${edition}/search/index.html`],
    first(isTombstone, "tombstone"),
  ];
}

/** Opens what narrows a list, where a page has it, so that it is looked at too. */
async function narrow(page) {
  const panel = page.locator("#facets summary");
  if (!(await panel.count())) return;
  await panel.click();
  await page.waitForFunction(() => [...document.querySelectorAll("#facets select")].some((select) => select.options.length > 1));
}

/** Loads a page in each scheme and width and collects what axe says of it. */
async function inspect(page, url, prepare) {
  await page.goto(url);
  await prepare?.(page);
  await page.evaluate(axe);
  const found = [];
  for (const colorScheme of SCHEMES) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 800 });
      const { violations } = await page.evaluate(
        (only) => axe.run(document, { resultTypes: ["violations"], ...(only && { runOnly: only }) }),
        colorScheme === "light" ? null : COLOURS,
      );
      const where = `${url.slice(server.url.length)} ${colorScheme} ${width}`;
      for (const { id, nodes } of violations) found.push(`${where}: ${id}: ${nodes.map((n) => n.target.join(" ")).join(", ")}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) found.push(`${where}: ${wide} px wider than the window`);
    }
  }
  return found;
}

describe("axe finds nothing, and the console is silent", { concurrency: 2 }, () => {
  for (const edition of EDITIONS)
    test(edition, async () => {
      const page = await browser.newPage();
      const errors = complaints(page);
      const found = [];
      for (const [, path] of kinds(edition)) found.push(...(await inspect(page, address(path), narrow)));
      const results = `${server.url}${edition}/search/?q=${encodeURIComponent("园区")}`;
      found.push(...(await inspect(page, results, (page) => page.waitForSelector("#search-list .snippet:not(:empty)"))));
      assert.deepEqual([...found, ...errors], []);
      await page.close();
    });
  test("chooser and 404", async () => {
    const page = await browser.newPage();
    const errors = complaints(page);
    const found = await inspect(page, server.url);
    assert.deepEqual([...found, ...errors], []);
    // The browser itself reports the status of a page that is not there.
    found.push(...(await inspect(page, `${server.url}404.html`)));
    assert.deepEqual([...found, ...errors], []);
    await page.close();
  });
});

test("a feed reads as a page", async () => {
  const page = await browser.newPage();
  for (const edition of EDITIONS) {
    await page.goto(`${server.url}${edition}/feed.xml`);
    const seen = await page.evaluate(() => {
      const shown = (e) => e.getClientRects().length > 0;
      const entries = [...document.querySelectorAll("entry")];
      return {
        titles: entries.every((entry) => shown(entry.querySelector("title"))),
        raw: [...document.querySelectorAll("content, id, category")].some(shown),
        way: entries[0].querySelector("a").href,
        block: getComputedStyle(entries[0].querySelector("title")).display,
        wide: document.documentElement.scrollWidth - innerWidth,
      };
    });
    const way = seen.way;
    assert.deepEqual(seen, { titles: true, raw: false, way, block: "block", wide: 0 });
    assert.match(way, new RegExp(`^http://localhost/${edition}/.+/$`), "each entry leads to its article");
  }
  await page.close();
});

test("on paper, what only a screen can use is left out", async () => {
  const page = await browser.newPage();
  await page.emulateMedia({ media: "print" });
  for (const [name, path] of kinds("zh-hans")) {
    await page.goto(address(path));
    const left = await page.evaluate(() =>
      [...document.querySelectorAll("nav.sections ul, .switch, .pager, #facets details, main button, .find")].filter((e) => e.checkVisibility()).map((e) => e.className),
    );
    assert.deepEqual(left, [], name);
    assert.ok(await page.locator("h1").first().isVisible(), name);
  }
  await page.close();
});

test("the policy is in force", async () => {
  const page = await browser.newPage();
  await page.goto(`${server.url}zh-hans/`);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.intruder = true";
    document.body.append(script);
    return window.intruder === true;
  });
  assert.equal(ran, false, "no inline script runs");
  await page.close();
});

test("every page is valid HTML", async () => {
  const validator = new HtmlValidate({
    root: true,
    extends: ["html-validate:standard", "html-validate:a11y"],
    rules: { "no-redundant-role": "off" },
  });
  const found = [];
  for (const path of files) {
    const report = await validator.validateString(html(path), path);
    for (const { messages } of report.results)
      for (const m of messages) found.push(`${path}:${m.line}:${m.column}: ${m.ruleId}: ${m.message}`);
  }
  assert.ok(files.length > 100, "there are pages");
  assert.deepEqual(found.slice(0, 20), [], `${found.length} in all`);
});

describe("the keyboard alone", () => {
  test("skips to the text", async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}zh-hans/`);
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.className), "skip");
    const { y } = await page.locator(".skip").boundingBox();
    assert.ok(y >= 0, "the link is seen when it has the focus");
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.id), "main");
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.getElementById("main").contains(document.activeElement)));
    await page.close();
  });

  test("switches to the same page in the other script", async () => {
    const page = await browser.newPage();
    const [, path] = kinds("zh-hans")[1];
    await page.goto(address(path));
    for (let i = 0; i < 10; i++) {
      await page.keyboard.press("Tab");
      if (await page.evaluate(() => document.activeElement.matches('.switch a[hreflang^="zh-Hant"]'))) break;
    }
    await page.keyboard.press("Enter");
    await page.waitForURL(address(path.replace("zh-hans/", "zh-hant/")));
    assert.match(await page.evaluate(() => document.documentElement.lang), /^zh-Hant/);
    await page.close();
  });

  test("reaches every link and control, and shows where it is", async () => {
    const page = await browser.newPage();
    for (const [name, path] of kinds("zh-hant").filter(([name]) => ["home", "article", "matrix", "search"].includes(name))) {
      await page.goto(address(path));
      const wanted = await page.evaluate(() => {
        const all = [...document.querySelectorAll("a[href], button, input, select, summary")].filter((e) => e.checkVisibility());
        all.forEach((e, n) => (e.dataset.stop = n));
        return all.length;
      });
      const seen = new Set();
      for (let i = 0; i <= wanted + 2; i++) {
        await page.keyboard.press("Tab");
        const [stop, shown] = await page.evaluate(() => {
          const e = document.activeElement, style = getComputedStyle(e);
          return [e.dataset.stop, style.outlineStyle !== "none" || style.boxShadow !== "none"];
        });
        if (stop !== undefined) {
          seen.add(stop);
          assert.ok(shown, `${name}: stop ${stop} shows its focus`);
        }
      }
      assert.equal(seen.size, wanted, `${name}: all stops are reached`);
    }
    await page.close();
  });

  test("searches", async () => {
    const page = await browser.newPage();
    await page.goto(`${server.url}zh-hant/search/`);
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    await page.keyboard.insertText("兰州");
    await page.waitForSelector("#search-list a");
    assert.match(await page.locator("#search-status").textContent(), /\d/);
    await page.keyboard.press("ArrowDown");
    assert.ok(await page.evaluate(() => document.activeElement.matches("#search-list li:first-child a")));
    await page.keyboard.press("Escape");
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForSelector("body.page-article");
    await page.goBack();
    await page.waitForSelector("#search-list a");
    assert.equal(await page.locator("#q").inputValue(), "兰州");
    await page.close();
  });
});

describe("the chooser", () => {
  test("remembers what was chosen", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(server.url);
    await page.locator('.choices a[hreflang^="zh-Hant"]').click();
    await page.waitForURL(`${server.url}zh-hant/`);
    const later = await context.newPage();
    await later.goto(server.url);
    await later.waitForURL(`${server.url}zh-hant/`);
    // The switch of any page is a choice too.
    await later.locator('.switch a[hreflang^="zh-Hans"]').click();
    await later.waitForURL(`${server.url}zh-hans/`);
    await page.goto("about:blank");
    await page.goto(server.url);
    await page.waitForURL(`${server.url}zh-hans/`);
    await context.close();
  });
});

describe("without a script", () => {
  /** Follows the links of pages from the first on, to pages that `within` lets pass; gives all article links. */
  async function crawl(page, from, within) {
    const seen = new Set([from]), articles = new Set();
    for (const url of seen) {
      await page.goto(url);
      const links = await page.locator("main a[href], nav.sections a[href]").evaluateAll((all) => all.map((a) => a.href));
      for (const link of links.map((l) => l.split("#")[0]).filter((l) => l.startsWith(server.url))) {
        const path = link.slice(server.url.length);
        if (within.test(path)) seen.add(link);
        else if (/^[^/]+\/(\d{4}\/\d\d|undated)\/[^/]+\/$/.test(path)) articles.add(path);
      }
    }
    return articles;
  }

  test("every article is reachable by its city, its program and its year", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const edition = "zh-hant";
    const articles = files.filter((path) => path.startsWith(`${edition}/`) && isArticle(path) && !isTombstone(path));
    assert.ok(articles.length > 20);
    const ways = {
      city: /^zh-hant\/city\/([^/]+\/)?(page\/\d+\/)?$/,
      program: /^zh-hant\/program\/([^/]+\/)?(page\/\d+\/)?$/,
      year: /^zh-hant\/(archive|undated|\d{4})\/(page\/\d+\/)?$/,
    };
    for (const [way, within] of Object.entries(ways)) {
      const found = await crawl(page, `${server.url}${edition}/`, within);
      const wanted = articles
        .filter((path) => way === "year" || html(path).includes(`data-taxonomy="${way}"`))
        .map((path) => path.replace(/index\.html$/, ""));
      assert.deepEqual(wanted.filter((path) => !found.has(path)), [], `by ${way}`);
    }
    await context.close();
  });

  test("the chooser and the search page lead on", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(server.url);
    assert.equal(await page.locator(".choices a").count(), EDITIONS.length);
    await page.goto(`${server.url}zh-hans/search/`);
    assert.ok((await page.locator("noscript a").count()) > 2);
    await context.close();
  });
});
