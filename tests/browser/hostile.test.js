// What must not be found, and what must not run: withdrawn articles, drafts, text beyond an excerpt, hostile text.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serve } from "./server.js";
import { EDITIONS, build, complaints, launch } from "./support.js";

const ATTACK = `</script><script>window.intruder=1</script><img src=x onerror="window.intruder=1">`;
const ARTICLES = {
  "open.md": "---\ntitle: 公开的稿件\ndate: 2024-01-02\nsource: 样报\n---\n灯塔照见海面。\n\n第二段写到鹅卵石。",
  "gone.md": "---\ntitle: 撤下的稿件\ndate: 2024-01-03\nwithdrawn: 有误\n---\n这里写到琥珀蜻蜓。",
  "draft.md": "---\ntitle: 未写完的稿件\ndate: 2024-01-04\ndraft: true\n---\n这里写到翡翠蝴蝶。",
  "excerpt.md": "---\ntitle: 摘录的稿件\ndate: 2024-01-05\nrights: excerpt\nsummary: 摘要提到驼铃。\noriginal_url: https://news.example/a\n---\n正文提到孔雀羽毛。",
  "link.md": "---\ntitle: 只有链接的稿件\ndate: 2024-01-06\nrights: link\noriginal_url: https://news.example/b\n---\n正文提到玳瑁眼镜。",
  "hostile.md": `---\ntitle: ${JSON.stringify(`恶意标题${ATTACK}`)}\ndate: 2024-01-07\nsource: ${JSON.stringify(`某报${ATTACK}`)}\n---\n正文提到紫罗兰。${ATTACK}\u0007\u2028\n\n\`${ATTACK}\``,
};
/** Words and how many articles have them in what is published. */
const FOUND = { 鹅卵石: 1, 驼铃: 1, 紫罗兰: 1, 公开的稿件: 1, 琥珀蜻蜓: 0, 翡翠蝴蝶: 0, 孔雀羽毛: 0, 玳瑁眼镜: 0, 未写完: 0, 撤下的: 0 };

let browser, site, server;
before(async () => {
  site = build((work) => {
    mkdirSync(join(work, "content"));
    for (const [name, text] of Object.entries(ARTICLES)) writeFileSync(join(work, "content", name), `${text}\n`);
  });
  [browser, server] = await Promise.all([launch(), serve(site.folder)]);
});
after(async () => {
  await browser?.close();
  await server?.stop();
  site?.remove();
});

for (const edition of EDITIONS)
  test(`only what is published is found in ${edition}, and nothing runs`, async () => {
    const page = await browser.newPage();
    const errors = complaints(page);
    for (const [query, n] of Object.entries(FOUND)) {
      await page.goto(`${server.url}${edition}/search/?q=${encodeURIComponent(query)}`);
      await page.waitForFunction(() => {
        const status = document.getElementById("search-status").textContent;
        return status && !document.getElementById("search-results").hasAttribute("aria-busy");
      });
      assert.equal(await page.locator("#search-list > li").count(), n, query);
    }
    await page.goto(`${server.url}${edition}/search/?q=${encodeURIComponent("紫罗兰")}`);
    await page.waitForSelector("#search-list .snippet mark");
    assert.equal(await page.evaluate(() => window.intruder), undefined);
    assert.equal(await page.locator("#search-list :is(img, script)").count(), 0);
    // A query is only ever text, too.
    await page.goto(`${server.url}${edition}/search/?q=${encodeURIComponent(ATTACK)}`);
    await page.waitForFunction(() => document.getElementById("search-status").textContent);
    assert.equal(await page.evaluate(() => window.intruder), undefined);
    assert.equal(await page.locator("#search-results :is(img, script)").count(), 0);
    assert.deepEqual(errors, []);
    await page.close();
  });

test("the files of the index hold no markup, no control characters, no withheld words", () => {
  const folder = join(site.folder, "search");
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".json"));
  assert.ok(files.length >= 1 + 2 * EDITIONS.length);
  for (const name of files) {
    const text = readFileSync(join(folder, name), "utf8");
    // Entries stand on lines of their own.
    assert.doesNotMatch(text, /[<>&\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029]/, name);
    JSON.parse(text);
    for (const word of ["琥珀", "翡翠", "孔雀", "玳瑁", "未写完", "撤下", "未寫完"]) assert.ok(!text.includes(word), `${name}: ${word}`);
  }
});
