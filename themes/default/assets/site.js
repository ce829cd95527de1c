// What a page can do with a script and does without: the reader's choice of
// script is remembered, and switching keeps the place and the question.
(() => {
  const key = "jianfan.edition";
  for (const link of document.querySelectorAll(".switch a")) {
    link.addEventListener("click", () => {
      try {
        localStorage.setItem(key, link.hreflang);
      } catch {
        // Without storage nothing is remembered.
      }
      const to = new URL(link.href);
      to.search = location.search;
      to.hash = location.hash;
      link.href = to;
    });
  }
})();
