// The desk works without this script. With it, a page says when the files have changed under it.
(() => {
  "use strict";
  const note = document.getElementById("changed");

  /** What a page shows, without what was only just said. */
  function content(root) {
    const main = root.getElementById("main").cloneNode(true);
    for (const part of main.querySelectorAll("#changed, .flash")) part.remove();
    return main.innerHTML;
  }

  // A page that shows a diff is about files as they were; the answer to its form says when they are no longer so.
  if (document.querySelector("form.agree")) return;
  const before = content(document);
  document.addEventListener("jianfan-changed", async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html" } }).catch(() => null);
    if (!answer?.ok) return;
    const now = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (content(now) === before) return;
    const link = document.createElement("a");
    link.href = location.pathname + location.search.replace(/[?&]done=\d+/, "");
    link.textContent = note.dataset.show;
    note.replaceChildren(`${note.dataset.words} `, link);
  });
})();
