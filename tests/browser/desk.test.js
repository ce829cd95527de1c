// The editor's desk in a real browser: decide, tag, settle a doubt, fix, fill in, undo; what the files hold afterwards.
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fillDesk } from "./desk-site.js";
import { preview, siteFolder } from "./preview.js";
import { complaints, launch } from "./support.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SECTIONS = ["", "duplicates/", "terms/", "conversion/", "programs/", "problems/"];
const DECISIONS = "content/_data/decisions.yaml";

let browser, folder, server, page, errors;
const read = (path) => readFileSync(join(folder.work, path), "utf8");

before(async () => {
  folder = siteFolder(fillDesk);
  [browser, server] = await Promise.all([launch(), preview(folder.work)]);
  const context = await browser.newContext({ locale: "zh-CN" });
  page = await context.newPage();
  errors = complaints(page);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  folder?.remove();
});

const desk = (section) => page.goto(`${server.url}_desk/${section}`);

/** On the page that shows a diff: looks at it, agrees, and waits for what is said. */
async function agree(diff) {
  await page.waitForURL(/_desk\/change/);
  const shown = await page.locator(".diff").innerText();
  for (const line of diff) assert.ok(shown.includes(line), `${line}\n${shown}`);
  // The keyboard is on the button already.
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "写入");
  await page.keyboard.press("Enter");
  await page.locator(".flash").waitFor();
}

/** Takes back what was just written, by the button beside what is said. */
async function undo() {
  await page.locator(".flash button").click();
  await page.waitForURL(/_desk\/change/);
  await page.getByRole("button", { name: "写入" }).click();
  await page.locator(".flash").waitFor();
}

test("two articles are compared and decided on, and the decision is taken back", async () => {
  await desk("duplicates/");
  await page.getByRole("link", { name: /并排对照/ }).first().click();
  const side = page.locator(".side");
  assert.match(await side.innerText(), /塔身高二十八米/);
  assert.ok(await side.locator("mark").count(), "differences are marked");
  await page.getByLabel("备注").fill("点灯之后的报道");
  await page.getByRole("button", { name: "后续报道" }).click();
  await agree(["+decisions:", 'a: "dengta"', "verdict: follow-up", "点灯之后的报道"]);
  assert.match(read(DECISIONS), /\{a: "dengta", b: "dengta-later", verdict: follow-up, hash_a: "[0-9a-f]{64}"/);
  assert.equal(await page.locator(".case").count(), 0, "it is no longer asked");
  await undo();
  assert.ok(!existsSync(join(folder.work, DECISIONS)), "the file was new, and goes");
  assert.equal(await page.locator("a.button.main").count(), 1, "it is asked again");
});

test("proposed terms are accepted with the keyboard alone", async () => {
  await desk("terms/");
  const accept = page.getByRole("button", { name: /采用勾选的.*兰州开放实验室/ });
  assert.match(await page.locator(".case", { has: accept }).innerText(), /依据：兰州/);
  for (let steps = 0; !(await accept.evaluate((button) => button === document.activeElement)); steps++) {
    assert.ok(steps < 60, "the button is reached by Tab");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.press("Enter");
  await agree(["+cities: [lanzhou]"]);
  assert.match(read("content/lanzhou.md"), /\nsource: 陇上样报\ncities: \[lanzhou\]\n---\n/);
});

test("a doubtful character is settled for the site, or at its place", async () => {
  await desk("conversion/");
  const form = page.locator("form.doubt", { hasText: "两只" });
  assert.equal(await form.locator(".context mark").innerText(), "钟");
  // A lone character is not for the whole site.
  await form.getByRole("button", { name: /全站/ }).click();
  await page.getByRole("alert").waitFor();
  await page.goBack();
  await form.getByLabel("词语").fill("两只钟");
  await form.getByRole("button", { name: /全站/ }).click();
  await agree(["+terms:", "+  - {hans: 两只钟, hant: 兩隻鐘}"]);
  assert.equal(read("content/_data/glossary.yaml"), "terms:\n  - {hans: 两只钟, hant: 兩隻鐘}\n");
  const here = page.locator("form.doubt", { hasText: "三只" });
  await here.getByRole("button", { name: "只改这里" }).click();
  await agree(["-{zh-hans:钟;zh-hant:鐘}-"]);
  assert.match(read("content/mixed.md"), /三只-\{zh-hans:钟;zh-hant:鐘\}-送去了外地/);
});

test("a suggested program is added", async () => {
  await desk("programs/");
  await page.locator(".case", { hasText: "渔火归航计划" }).first().getByRole("button").click();
  await agree(["渔火归航计划", "漁火歸航計劃"]);
  assert.match(read("content/_data/taxonomies/program.yaml"), /^- id: yu-huo-gui-hang-ji-hua\n {2}name: \{hans: 渔火归航计划, hant: 漁火歸航計[劃畫]\}\n$/);
});

test("a complaint is repaired, a missing date filled in, and both are undone from the overview", async () => {
  await desk("problems/");
  await page.locator(".case", { hasText: "date-repaired" }).getByRole("button", { name: /修正…/ }).click();
  await agree(["-date: 2024/5/5", "+date: 2024-05-05"]);
  assert.match(read("content/date.md"), /\ndate: 2024-05-05\n/);
  const missing = page.locator("details", { hasText: "缺少日期" });
  await missing.getByLabel("日期").fill("昨天");
  await missing.getByRole("button").click();
  assert.match(await page.getByRole("alert").innerText(), /`昨天` 不是日期/);
  await page.goBack();
  await missing.getByLabel("日期").fill("2024-05-06");
  await missing.getByRole("button").click();
  await agree(["+date: 2024-05-06"]);
  assert.match(read("content/bare.md"), /\ndate: 2024-05-06\n---\n/);
  for (const title of ["没有日期的短讯", "content/date.md"]) {
    await desk("");
    await page.locator(".decisions li", { hasText: title }).getByRole("button").click();
    await page.getByRole("button", { name: "写入" }).click();
    await page.locator(".flash").waitFor();
  }
  assert.match(read("content/date.md"), /\ndate: 2024\/5\/5\n/);
  assert.doesNotMatch(read("content/bare.md"), /date:/);
});

test("a file that was saved meanwhile is left alone, and an open page says that files have changed", async () => {
  await desk("problems/");
  await page.locator(".case", { hasText: "date-repaired" }).getByRole("button", { name: /修正…/ }).click();
  await page.waitForURL(/_desk\/change/);
  const other = await page.context().newPage();
  await other.goto(`${server.url}_desk/problems/`);
  const theirs = read("content/date.md").replace("2024/5/5", "2024/5/6");
  writeFileSync(join(folder.work, "content/date.md"), theirs);
  await other.locator("#changed a").waitFor();
  assert.match(await other.locator("#changed").innerText(), /文件有了新的改动/);
  await other.close();
  await page.getByRole("button", { name: "写入" }).click();
  assert.match(await page.getByRole("alert").innerText(), /`content\/date\.md` 在这期间被改动过/);
  assert.equal(read("content/date.md"), theirs);
});

for (const [locale, lang] of [["zh-CN", "zh-Hans"], ["zh-TW", "zh-Hant"], ["en-GB", "en"]])
  test(`every page is accessible and fits a narrow screen in ${lang}, by day and by night`, async () => {
    for (const [colorScheme, width] of [["light", 1100], ["dark", 360]]) {
      const context = await browser.newContext({ locale, colorScheme, viewport: { width, height: 740 } });
      const page = await context.newPage();
      const errors = complaints(page);
      await page.goto(`${server.url}_desk/duplicates/`);
      const pair = new URL(await page.locator("a.button.main").first().getAttribute("href"), server.url).href;
      for (const address of [...SECTIONS.map((section) => `${server.url}_desk/${section}`), pair]) {
        await page.goto(address);
        assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${address} at ${width}`);
        await page.evaluate(AXE);
        const { violations } = await page.evaluate(() => axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
        assert.deepEqual(violations.map((v) => [v.id, v.nodes.map((node) => node.html)]), [], address);
      }
      assert.deepEqual(errors, []);
      await context.close();
    }
  });

test("nothing complained on the way", () => {
  // The refusals that were asked for are answers of 4xx, which browsers count as failed loads.
  assert.deepEqual(errors.filter((error) => !/status of 4(09|22)/.test(error)), []);
});
