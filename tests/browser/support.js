// What the tests share: the program, the browser, the sample archive.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

/** The checkout. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const EDITIONS = ["zh-hans", "zh-hant"];

/** The program under test. */
export function program() {
  if (process.env.JIANFAN) return process.env.JIANFAN;
  const built = ["release", "debug"].map((kind) => join(root, "target", kind, "jianfan")).find(existsSync);
  if (!built) throw new Error("no jianfan is built: run `cargo build` first");
  return built;
}

/** Starts the browser. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });
}

/** Builds a site whose content `fill` puts into a folder; gives the output folder and a way to remove it. */
export function build(fill) {
  const work = mkdtempSync(join(tmpdir(), "jianfan-browser-"));
  const remove = () => rmSync(work, { recursive: true, force: true });
  try {
    fill(work);
    execFileSync(program(), ["--root", work, "build", "--output", join(work, "public")], { stdio: "pipe" });
  } catch (error) {
    remove();
    throw error;
  }
  return { folder: join(work, "public"), remove };
}

/** Puts the sample archive into a folder; its lists are cut into pages that it fills. */
export function fillSample(work) {
  cpSync(join(root, "content"), join(work, "content"), { recursive: true });
  const settings = readFileSync(join(root, "site.yaml"), "utf8");
  writeFileSync(join(work, "site.yaml"), settings.replace(/^per_page:.*$/m, "per_page: 6"));
}

/** The sample archive: the one ARCHIVE names, else built now. */
export function sample() {
  return process.env.ARCHIVE ? { folder: process.env.ARCHIVE, remove: () => {} } : build(fillSample);
}

/** Paths of all HTML files of a folder, relative to it. */
export function htmlFiles(folder, below = "") {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = below ? `${below}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return htmlFiles(folder, path);
    return path.endsWith(".html") ? [path] : [];
  });
}

/** Collects what a page complains of: console errors, refusals by the policy, exceptions. */
export function complaints(page) {
  const all = [];
  page.on("console", (message) => {
    if (message.type() === "error" || /Content.Security.Policy/i.test(message.text())) {
      all.push(`${page.url()}: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => all.push(`${page.url()}: ${error}`));
  return all;
}
