// Live reload in a real browser: a save is shown, a broken one is explained over the last good page, a new start is survived.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { preview, siteFolder } from "./preview.js";
import { complaints, launch } from "./support.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const article = (text) => `---\ntitle: 灯塔点亮\ndate: 2024-05-06\nslug: deng-ta\n---\n${text}\n\n${"灯塔照见海面。\n\n".repeat(80)}`;


let browser, folder, server, page, errors;
const save = (text) => writeFileSync(join(folder.work, "content/a.md"), text);
const shows = (text) => page.getByText(text).first().waitFor();

before(async () => {
  folder = siteFolder((work) => {
    mkdirSync(join(work, "content"));
    writeFileSync(join(work, "site.yaml"), "title: 海岸\nbase_url: https://news.example/sub/\n");
    writeFileSync(join(work, "content/a.md"), article("第一版。"));
  });
  [browser, server] = await Promise.all([launch(), preview(folder.work)]);
  page = await browser.newPage();
  errors = complaints(page);
  await page.goto(`${server.url}zh-hans/2024/05/deng-ta/`);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  folder?.remove();
});

test("a save reloads the page and keeps its place", async () => {
  await page.evaluate(() => scrollTo(0, 900));
  save(article("第二版。"));
  await shows("第二版。");
  await page.waitForFunction(() => scrollY === 900);
});

test("a broken save is explained over the last good page, accessibly, and mended away", async () => {
  save("---\ntitle: [<b>x</b>\n---\n");
  const overlay = page.getByRole("alert");
  await overlay.waitFor();
  assert.match(await overlay.innerText(), /刚才保存的内容无法发布[^]*content\/a\.md:\d+:\d+: error\[/);
  assert.ok(await page.getByText("第二版。").count(), "the last good page stays");
  assert.equal(await overlay.locator("b").count(), 0, "what stands in the file is text");
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run("#jianfan-overlay"));
  assert.deepEqual(violations.map((violation) => violation.id), []);
  // The keyboard closes it; another fault shows it again.
  await overlay.getByRole("button", { name: "隐藏" }).focus();
  await page.keyboard.press("Escape");
  assert.equal(await overlay.count(), 0);
  save("---\ntitle: 甲\ndate: 昨天夜里\n---\n");
  await overlay.waitFor();
  save(article("第三版。"));
  await shows("第三版。");
  assert.equal(await overlay.count(), 0);
});

test("a page survives a new start of the preview", async () => {
  const { port } = server;
  await server.stop();
  save(article("第四版。"));
  server = await preview(folder.work, { port });
  await shows("第四版。");
});

test("the policy of the preview is kept", () => {
  // While the preview was away, its events could not be had.
  assert.deepEqual(errors.filter((error) => !/ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED|ERR_CONNECTION_RESET/.test(error)), []);
});
