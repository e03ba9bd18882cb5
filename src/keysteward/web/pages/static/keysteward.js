// What the pages do better with JavaScript: copy, download, local times, menus that close, one submit per press.
(() => {
  "use strict";
  const said = document.createElement("p");
  said.className = "hidden-text";
  said.setAttribute("role", "status");
  document.body.append(said);

  const SHAPES = {
    Copy: "M7.5 7.500h8.500v8.500H7.500zM4.5 12.500H4V4h8.500v.5",
    Download: "M10 3.500v8.500M6.3 8.8 10 12.500l3.7-3.700M4 16.500h12",
    done: "m4.5 10.5 3.6 3.6 7.4-8",
  };

  const shape = (name) => {
    const made = (tag, values) => {
      const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
      for (const [key, value] of Object.entries(values)) node.setAttribute(key, value);
      return node;
    };
    const svg = made("svg", { class: "icon", width: 15, height: 15, viewBox: "0 0 20 20", "aria-hidden": "true" });
    svg.append(made("path", { d: SHAPES[name] }));
    return svg;
  };

  const tool = (word, name, wordy, act) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.title = word;
    button.setAttribute("aria-label", `${word} ${name}`);
    button.append(shape(word), wordy ? word : "");
    button.addEventListener("click", () => act(button));
    return button;
  };

  const flash = (button, text) => {
    const icon = button.querySelector("svg");
    const done = shape("done");
    icon.replaceWith(done);
    button.classList.add("is-done");
    said.textContent = text;
    setTimeout(() => {
      done.replaceWith(icon);
      button.classList.remove("is-done");
      said.textContent = "";
    }, 1800);
  };

  const select = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };

  const copy = (node, button) => {
    const failed = () => { select(node); flash(button, "Selected"); };
    if (!navigator.clipboard) { failed(); return; }
    navigator.clipboard.writeText(node.textContent).then(() => flash(button, "Copied"), failed);
  };

  const download = (node, name, button) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([node.textContent], { type: "application/octet-stream" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    flash(button, "Saved");
  };

  for (const box of document.querySelectorAll("[data-copy]")) {
    const node = box.querySelector("code");
    const bar = box.querySelector("[data-tools]");
    const { copy: name, download: file } = box.dataset;
    (bar || box).append(tool("Copy", name, bar, (button) => copy(node, button)));
    if (file) bar.append(tool("Download", name, bar, (button) => download(node, file, button)));
  }

  const DATE = { day: "numeric", month: "short", year: "numeric" };
  const TIME = { hour: "2-digit", minute: "2-digit" };
  const FORMS = { day: { ...DATE, month: "long" }, minute: { ...DATE, ...TIME }, second: { ...DATE, ...TIME, second: "2-digit" } };
  for (const time of document.querySelectorAll("time[data-local]")) {
    time.title = time.dateTime;
    time.textContent = new Intl.DateTimeFormat("en-GB", FORMS[time.dataset.local]).format(new Date(time.dateTime));
  }

  const menus = () => document.querySelectorAll("details.menu[open]");
  document.addEventListener("click", (event) => {
    for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of menus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.tagName === "DETAILS") target.open = true;
  };
  addEventListener("hashchange", openTarget);
  openTarget();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 5000);
    if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
  });
  for (const form of document.querySelectorAll("form[data-send-at-once]")) form.requestSubmit();

  addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
    for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
  });
})();
