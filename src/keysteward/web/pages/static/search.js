// The search as a dialog: Ctrl-K, Cmd-K or / opens it, and it searches while somebody types.
(() => {
  "use strict";
  const box = document.querySelector("form[data-search]");
  const dialog = document.getElementById("search-dialog");
  if (!box || !dialog || !dialog.showModal) return;
  const input = dialog.querySelector("input");
  const list = document.getElementById("search-list");
  const status = dialog.querySelector("[data-status]");
  const all = dialog.querySelector("[data-all]");
  const keys = box.querySelector("kbd");
  const WAIT = 180;
  let timer, asking, from, chosen = null, shown = "";

  keys.hidden = false;
  if (/Mac|iPhone|iPad/.test(navigator.platform)) keys.textContent = "⌘ K";

  const options = () => [...list.querySelectorAll("[role=option]")];

  const choose = (option) => {
    if (chosen) chosen.setAttribute("aria-selected", "false");
    chosen = option;
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };

  const tell = (text) => { status.textContent = text; };

  const put = (html, text) => {
    choose(null);
    list.innerHTML = html;
    shown = text;
    const found = list.firstElementChild;
    input.setAttribute("aria-expanded", String(options().length > 0));
    tell(found ? found.dataset.said || "" : "");
    if (options().length) choose(options()[0]);
  };

  const fail = (text) => {
    const line = document.createElement("p");
    line.className = "found-none";
    line.textContent = text;
    put("", "");
    list.replaceChildren(line);
    tell(text);
  };

  const ask = async () => {
    const text = input.value.trim();
    if (asking) asking.abort();
    all.href = text ? `/search?q=${encodeURIComponent(text)}` : "/search";
    if (!text) { put("", ""); list.removeAttribute("aria-busy"); return; }
    const mine = asking = new AbortController();
    list.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`/search/found?q=${encodeURIComponent(text)}`, { signal: mine.signal, headers: { Accept: "text/html" } });
      if (answer.redirected) fail("Your session has ended. Press Enter to sign in and search.");
      else if (!answer.ok) fail("The search did not answer. Press Enter to try it on a page of its own.");
      else put(await answer.text(), text);
    } catch (error) {
      if (error.name === "AbortError") return;
      fail("Nothing came back. Look at your connection, then type again.");
    }
    if (mine === asking) list.removeAttribute("aria-busy");
  };

  const open = (text) => {
    if (dialog.open) return;
    from = document.activeElement;
    dialog.showModal();
    if (text) input.value = text;
    input.select();
    ask();
  };

  const step = (by) => {
    const found = options();
    if (!found.length) return;
    const at = found.indexOf(chosen);
    choose(found[(at + by + found.length) % found.length]);
  };

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") {
      event.preventDefault();
      dialog.close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      step(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && chosen && shown === input.value.trim()) {
      event.preventDefault();
      chosen.click();
    }
  });
  list.addEventListener("mousemove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option !== chosen) choose(option);
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    clearTimeout(timer);
    if (asking) asking.abort();
    if (from && from !== document.body && from.isConnected) from.focus();
  });

  const field = box.querySelector("input");
  field.addEventListener("pointerdown", (event) => { event.preventDefault(); open(field.value); });
  box.addEventListener("submit", (event) => {
    if (field.value.trim()) return;
    event.preventDefault();
    open("");
  });
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, textarea, select, [contenteditable]");
    const isChord = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
    const isSlash = event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (!isChord && !isSlash) return;
    event.preventDefault();
    if (dialog.open) input.select();
    else open("");
  });
})();
