// Starts `jianfan serve` on a folder, for tests.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { program } from "./support.js";

/** Starts the preview of a site on any free port, or on the one given; gives its address and a way to stop. */
export async function preview(root, { port = 0, lang } = {}) {
  const more = lang ? ["--lang", lang] : [];
  const child = spawn(program(), ["--root", root, "serve", "--port", String(port), ...more], { stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise((done) => child.once("exit", done));
  // The address stands in the first line of the output; the first build ends in a line about it.
  const address = new Promise((done) => createInterface(child.stdout).once("line", (line) => done(line.split(" ")[0])));
  const built = new Promise((done) => {
    createInterface(child.stderr).on("line", (line) => /^(built in|the last good pages stay)/.test(line) && done());
  });
  const url = await Promise.race([address, ended.then(() => Promise.reject(new Error("the preview ended")))]);
  await Promise.race([built, ended]);
  return {
    url,
    port: Number(new URL(url).port),
    stop: () => {
      child.kill();
      return ended;
    },
  };
}

/** A folder that `fill` puts a site into, and a way to remove it. */
export function siteFolder(fill) {
  const work = mkdtempSync(join(tmpdir(), "jianfan-desk-"));
  fill(work);
  return { work, remove: () => rmSync(work, { recursive: true, force: true }) };
}
