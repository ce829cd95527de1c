// Remembers which edition a reader chose, and takes them there next time.
// A reader who comes from inside the site wants to choose again.
(() => {
  const key = "jianfan.edition";
  const links = [...document.querySelectorAll(".choices a")];
  try {
    const wanted = links.find((link) => link.hreflang === localStorage.getItem(key));
    const inside = document.referrer.startsWith(location.origin + "/");
    if (wanted && !inside && !location.hash) {
      location.replace(wanted.href);
    }
    for (const link of links) {
      link.addEventListener("click", () => localStorage.setItem(key, link.hreflang));
    }
  } catch {
    // Without storage the page stays a page of links.
  }
})();
