// Serves a built folder, for tests only: files as they are with the headers of `_headers`, gzip counted, nothing else.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".xml": "application/xml",
};

/** The headers that the build asks of its host for every page. */
async function asked(folder) {
  const lines = (await readFile(join(folder, "_headers"), "utf8")).split("\n");
  const from = lines.indexOf("/*") + 1;
  if (!from) throw new Error("_headers has no rule for all pages");
  const to = lines.findIndex((line, at) => at >= from && !line.startsWith(" "));
  return Object.fromEntries(
    lines.slice(from, to < 0 ? undefined : to).map((line) => {
      const [name, ...value] = line.trim().split(": ");
      return [name.toLowerCase(), value.join(": ")];
    }),
  );
}

/** Serves `folder`; gives its address, the requests so far and a way to stop. */
export async function serve(folder) {
  const requests = [];
  const headers = await asked(folder);
  const server = createServer(async (request, response) => {
    let path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    if (path.endsWith("/")) path += "index.html";
    try {
      const bytes = await readFile(join(folder, normalize(path)));
      requests.push({ path, gzip: gzipSync(bytes, { level: 9 }).length });
      response.writeHead(200, { ...headers, "content-type": TYPES[extname(path)] ?? "application/octet-stream" });
      response.end(bytes);
    } catch {
      requests.push({ path, gzip: 0, missing: true });
      const page = await readFile(join(folder, "404.html")).catch(() => "not found");
      response.writeHead(404, { ...headers, "content-type": TYPES[".html"] });
      response.end(page);
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}/`, requests, stop: () => new Promise((done) => {
    server.close(done);
    server.closeAllConnections();
  }) };
}
