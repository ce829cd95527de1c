// Serves a built folder, for tests only: files as they are, gzip counted, nothing else.
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
const POLICY = "default-src 'self'; img-src 'self' https: http: data:; object-src 'none'; base-uri 'self'";

/** Serves `folder`; gives its address, the requests so far and a way to stop. */
export async function serve(folder) {
  const requests = [];
  const server = createServer(async (request, response) => {
    let path = decodeURIComponent(new URL(request.url, "http://x").pathname);
    if (path.endsWith("/")) path += "index.html";
    try {
      const bytes = await readFile(join(folder, normalize(path)));
      requests.push({ path, gzip: gzipSync(bytes, { level: 9 }).length });
      response.writeHead(200, {
        "content-type": TYPES[extname(path)] ?? "application/octet-stream",
        "content-security-policy": POLICY,
      });
      response.end(bytes);
    } catch {
      requests.push({ path, gzip: 0, missing: true });
      response.writeHead(404, { "content-type": "text/plain" });
      response.end("not found");
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address();
  return { url: `http://127.0.0.1:${port}/`, requests, stop: () => new Promise((done) => server.close(done)) };
}
