// The preview's script: reloads a page when its site was built anew, and shows what is wrong with a save that cannot be.
(() => {
  "use strict";
  const mine = new URL(document.currentScript.src).searchParams.get("build");
  const desk = document.documentElement.hasAttribute("data-desk");
  const scroll = `jianfan-scroll ${location.pathname}`;
  const WORDS = {
    en: { title: "The last save cannot be published", stays: "You see the last good pages. Mend the files, and this goes away.", close: "Hide" },
    hans: { title: "刚才保存的内容无法发布", stays: "现在显示的是上一次正常的页面；改好文件后，此提示会自动消失。", close: "隐藏" },
    hant: { title: "剛才儲存的內容無法發布", stays: "現在顯示的是上一次正常的頁面；改好檔案後，此提示會自動消失。", close: "隱藏" },
  };
  const lang = document.documentElement.lang;
  const tongue = /hant|tw|hk|mo/i.test(lang) ? "hant" : /^zh/i.test(lang) ? "hans" : "en";
  const words = WORDS[tongue];
  let source, overlay, shown;

  const kept = sessionStorage.getItem(scroll);
  if (kept) {
    sessionStorage.removeItem(scroll);
    addEventListener("load", () => scrollTo(0, Number(kept)), { once: true });
  }

  function hide() {
    overlay?.remove();
    overlay = undefined;
  }

  function show(text) {
    if (shown === text) return;
    shown = text;
    hide();
    if (document.body.classList.contains("jianfan-alone")) {
      document.querySelector("pre").textContent = text;
      return;
    }
    if (!document.querySelector("link[data-jianfan]")) {
      const style = document.createElement("link");
      style.rel = "stylesheet";
      style.href = "/_preview/live.css";
      style.dataset.jianfan = "";
      document.head.append(style);
    }
    overlay = document.createElement("section");
    overlay.id = "jianfan-overlay";
    overlay.setAttribute("role", "alert");
    overlay.setAttribute("aria-labelledby", "jianfan-overlay-title");
    const title = document.createElement("h2");
    title.id = "jianfan-overlay-title";
    title.textContent = words.title;
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = words.close;
    close.addEventListener("click", hide);
    const report = document.createElement("pre");
    report.tabIndex = 0;
    report.textContent = text;
    const note = document.createElement("p");
    note.textContent = words.stays;
    const head = document.createElement("div");
    head.append(title, close);
    overlay.append(head, report, note);
    overlay.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
    });
    document.body.append(overlay);
  }

  function hear(event) {
    const told = JSON.parse(event.data);
    if (told.broken) {
      show(told.broken[tongue]);
    } else {
      shown = undefined;
      hide();
      if (told.build !== mine) {
        if (desk) {
          document.dispatchEvent(new CustomEvent("jianfan-changed"));
        } else {
          sessionStorage.setItem(scroll, String(scrollY));
          location.reload();
        }
      }
    }
  }

  function open() {
    if (source) return;
    source = new EventSource("/_preview/events");
    source.addEventListener("state", hear);
    source.addEventListener("error", () => {
      // A server that is starting again may answer with an error, after which browsers give up by themselves.
      if (source?.readyState === EventSource.CLOSED) {
        close();
        setTimeout(() => document.visibilityState === "visible" && open(), 1000);
      }
    });
  }

  function close() {
    source?.close();
    source = undefined;
  }

  // A browser opens few connections to one server: pages in the background give theirs back.
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? open() : close()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", () => document.visibilityState === "visible" && open());
  if (document.visibilityState === "visible") open();
})();
