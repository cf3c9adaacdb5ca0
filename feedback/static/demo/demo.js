/* Keeps /demo/ up to date while one looks. Without it the page works by reloading. */
"use strict";
(() => {
  const pause = 2000;
  const shown = (id) => (/(\d+)\/$/.exec(document.getElementById(id)?.getAttribute("src") || "") || ["", ""])[1];
  const screens = { phone: shown("phone"), mail: shown("mail") };

  function count(counts) {
    for (const [key, value] of Object.entries(counts)) {
      const item = document.querySelector(`[data-count="${CSS.escape(key)}"]`);
      const number = item && item.querySelector("b");
      if (number && number.textContent !== String(value)) {
        number.textContent = value;
        item.classList.remove("moved");
        void item.offsetWidth;
        item.classList.add("moved");
      }
    }
  }

  // A screen that shows messages is shown again when there is a new one; one that shows a page is left alone.
  function screen(id, newest) {
    const frame = document.getElementById(id);
    const home = frame?.getAttribute("src");
    if (!home || String(newest) === frame.dataset.newest) return;
    let path;
    try {
      path = frame.contentWindow.location.pathname;
    } catch {
      return;
    }
    frame.dataset.newest = String(newest);
    if (path === home) {
      frame.contentWindow.location.replace(home);
    } else {
      frame.parentElement.querySelector("a.home").classList.add("news");
    }
  }

  function people(html) {
    const box = document.getElementById("people");
    if (box.contains(document.activeElement) || box.matches(":hover") || box.dataset.shown === html) return;
    box.dataset.shown = html;
    box.innerHTML = html;
  }

  async function look() {
    if (!document.hidden) {
      try {
        const answer = await fetch(`/demo/state/?${new URLSearchParams(screens)}`, { cache: "no-store" });
        if (answer.ok) {
          const state = await answer.json();
          // There was nobody to show when the page was opened, and now there is.
          if ((!screens.phone && state.newest.phone) || (!screens.mail && state.newest.mail)) {
            location.reload();
            return;
          }
          count(state.counts);
          people(state.people);
          screen("phone", state.newest.phone);
          screen("mail", state.newest.mail);
        }
      } catch {
        /* the demo was stopped, or is just starting: look again */
      }
    }
    setTimeout(look, pause);
  }

  for (const home of document.querySelectorAll("a.home")) {
    home.addEventListener("click", () => home.classList.remove("news"));
  }
  setTimeout(look, pause);
})();
