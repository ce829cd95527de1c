// What a visit costs on a slow line, gzip.
import assert from "node:assert/strict";
import { test } from "node:test";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, htmlFiles, sample } from "./support.js";

const weigh = (...parts) => parts.reduce((sum, part) => sum + gzipSync(part, { level: 9 }).length, 0);

/** Text of so many characters that repeats itself no more than news does. */
function text(length) {
  const common = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至达走积示议声报斗完类八离华名确才科张信马节话米整空元况今集温传土许步群广石记需段研界拉林律叫且究观越织装影算低持音众书布复容儿须际商非验连断深难近矿千周委素技备半办青省列习响约支般史感劳便团往酸历市克何除消构府称太准精值号率族维划选标写存候毛亲快效斯院查江型眼王按格养易置派层片始却专状育厂京识适属圆包火住调满县局照参红细引听该铁价严";
  let seed = 7, out = "";
  for (let at = 0; at < length; at++) {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    // Common characters are common: the square of an even chance prefers the front of the list.
    out += at % 150 === 149 ? "。\n\n" : common[Math.floor((seed / 2147483648) ** 2 * common.length)];
  }
  return out;
}

test("an article of 1,500 characters, the home page, style and scripts keep their weight", () => {
  const site = build((work) => {
    mkdirSync(join(work, "content"));
    for (let n = 1; n <= 30; n++)
      writeFileSync(join(work, "content", `n${n}.md`), `---\ntitle: ${text(24 + n).slice(n, n + 20)}\ndate: 2024-01-${String(n).padStart(2, "0")}\nsource: 样报\ncity: [lanzhou, xining]\nprogram: torch\n---\n${text(1500 + n).slice(n)}\n`);
  });
  try {
    const read = (path) => readFileSync(join(site.folder, path));
    const assets = readdirSync(join(site.folder, "assets"));
    const asset = (name, extension) => read(`assets/${assets.find((file) => file.startsWith(`${name}.`) && file.endsWith(extension))}`);
    const style = asset("style", ".css");
    const within = (what, bytes, most) => assert.ok(bytes <= most, `${what}: ${bytes} bytes, wanted ${most}`);
    within("the style sheet", weigh(style), 5_000);
    within("an article with its style", weigh(read("zh-hans/2024/01/n15/index.html"), style), 12_000);
    const scripts = assets.filter((file) => file.endsWith(".js"));
    assert.ok(scripts.length > 2, "there are scripts");
    within("all scripts together", weigh(...scripts.map((file) => read(`assets/${file}`))), 8_000);
  } finally {
    site.remove();
  }
  const archive = sample();
  try {
    for (const edition of ["zh-hans", "zh-hant"]) {
      const bytes = weigh(readFileSync(join(archive.folder, edition, "index.html")));
      assert.ok(bytes <= 20_000, `the home page of ${edition}: ${bytes} bytes`);
    }
    // No script holds up reading: all are deferred, and none stands in the page.
    for (const path of htmlFiles(archive.folder)) assert.doesNotMatch(readFileSync(join(archive.folder, path), "utf8"), /<script(?![^>]*(?: defer| type="application\/ld\+json"))/, path);
  } finally {
    archive.remove();
  }
});
