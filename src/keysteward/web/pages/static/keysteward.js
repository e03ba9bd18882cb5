// What the pages do better with JavaScript: copy, download, local times, menus that close, dialogs, toasts, live parts,
// one submit per press.
(() => {
  "use strict";
  const said = document.createElement("p");
  said.className = "hidden-text";
  said.setAttribute("role", "status");
  document.body.append(said);

  const SHAPES = {
    Copy: "M7.5 7.500h8.500v8.500H7.500zM4.5 12.500H4V4h8.500v.5",
    Download: "M10 3.500v8.500M6.3 8.8 10 12.500l3.7-3.700M4 16.500h12",
    Close: "m5.5 5.500 9 9M14.5 5.500l-9 9",
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

  const addTools = (box) => {
    const node = box.querySelector("code");
    const bar = box.querySelector("[data-tools]");
    const { copy: name, download: file } = box.dataset;
    (bar || box).append(tool("Copy", name, bar, (button) => copy(node, button)));
    if (file) bar.append(tool("Download", name, bar, (button) => download(node, file, button)));
  };

  const DATE = { day: "numeric", month: "short", year: "numeric" };
  const TIME = { hour: "2-digit", minute: "2-digit" };
  const FORMS = { day: { ...DATE, month: "long" }, minute: { ...DATE, ...TIME }, second: { ...DATE, ...TIME, second: "2-digit" } };
  const showLocally = (time) => {
    time.title = time.dateTime;
    time.textContent = new Intl.DateTimeFormat("en-GB", FORMS[time.dataset.local]).format(new Date(time.dateTime));
  };

  // A panel that asks once more stands in front of the page; it stays beside its summary, where its table row is.
  const asDialog = (details) => {
    if (details.open) return;
    const summary = details.querySelector("summary");
    const name = summary.textContent.trim();
    let dialog = null;
    const make = () => {
      dialog = document.createElement("dialog");
      dialog.className = "dialog";
      dialog.setAttribute("aria-label", name);
      const head = document.createElement("div");
      head.className = "dialog-head";
      const title = document.createElement("h2");
      title.textContent = name;
      head.append(title, tool("Close", "this dialog", false, () => dialog.close()));
      dialog.append(head, details.querySelector(".confirm-panel"));
      dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
      dialog.addEventListener("close", () => summary.focus());
      details.after(dialog);
    };
    summary.setAttribute("aria-haspopup", "dialog");
    summary.addEventListener("click", (event) => {
      event.preventDefault();
      if (!dialog) make();
      dialog.showModal();
    });
  };

  const enhance = (root) => {
    for (const box of root.querySelectorAll("[data-copy]")) addTools(box);
    for (const time of root.querySelectorAll("time[data-local]")) showLocally(time);
    for (const details of root.querySelectorAll("details[data-dialog]")) asDialog(details);
  };

  // What was done floats over the page for a while, longer under a pointer or the focus; it is said once, and not again
  // when the page is loaded again.
  const toast = (notice) => {
    const word = notice.textContent.trim().replace(/\s+/g, " ");
    const leave = () => notice.remove();
    const isHeld = () => notice.matches(":hover, :focus-within");
    const look = () => setTimeout(() => (isHeld() ? look() : leave()), 9000);
    notice.classList.add("is-floating");
    notice.append(tool("Close", "this message", false, leave));
    notice.lastChild.classList.add("close");
    notice.removeAttribute("role");
    setTimeout(() => { said.textContent = word; }, 100);
    look();
    const here = new URL(location.href);
    here.searchParams.delete("done");
    history.replaceState(history.state, "", here);
  };

  // Live parts: htmx asks for them again while the page is in sight. Nothing is swapped that is the same, that somebody
  // is using, or that the answer lacks, as where the session is over.
  const served = new Map();
  const isInUse = (node) => {
    const selection = getSelection();
    const isMarked = !selection.isCollapsed && node.contains(selection.anchorNode);
    return isMarked || node.matches(":active") || node.querySelector("dialog[open], details.menu[open]") !== null;
  };
  const namesOfOpen = (node) => Array.from(node.querySelectorAll("details[open] > summary"), (each) => each.textContent);
  const likeness = (node) => [node.tagName, node.getAttribute("href"), node.getAttribute("aria-label"), node.textContent.trim()].join(" ");
  let open = [];
  let focused = "";

  for (const node of document.querySelectorAll("[data-live]")) served.set(node.id, node.outerHTML);
  document.addEventListener("htmx:beforeRequest", (event) => { if (document.hidden) event.preventDefault(); });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { xhr, target } = event.detail;
    const fresh = new DOMParser().parseFromString(xhr.responseText, "text/html").getElementById(target.id);
    if (!fresh) {
      target.removeAttribute("hx-get");
      htmx.process(target);
    }
    event.detail.shouldSwap = Boolean(fresh) && fresh.outerHTML !== served.get(target.id) && !isInUse(target);
    if (!event.detail.shouldSwap) return;
    served.set(target.id, fresh.outerHTML);
    open = namesOfOpen(target);
    focused = target.contains(document.activeElement) ? likeness(document.activeElement) : "";
    if (fresh.dataset.say && fresh.dataset.say !== target.dataset.say) said.textContent = fresh.dataset.say;
  });
  document.addEventListener("htmx:load", (event) => {
    const { elt } = event.detail;
    if (elt === document.body) return;
    enhance(elt);
    for (const summary of elt.querySelectorAll("details > summary")) {
      if (open.includes(summary.textContent)) summary.parentElement.open = true;
    }
    const places = focused ? elt.querySelectorAll("a, button, summary, pre[tabindex]") : [];
    Array.from(places).find((node) => likeness(node) === focused)?.focus({ preventScroll: true });
  });

  enhance(document);
  for (const notice of document.querySelectorAll("[data-toast]")) toast(notice);

  const drawer = document.getElementById("navigation");
  matchMedia("(min-width: 72rem)").addEventListener("change", () => { if (drawer?.matches(":popover-open")) drawer.hidePopover(); });

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

  const nav = document.querySelector(".nav");
  const here = nav && nav.querySelector("[aria-current]");
  if (here && here.offsetTop > nav.clientHeight * 0.8) nav.scrollTop = here.offsetTop - nav.clientHeight / 2;

  const openTarget = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || target.tagName !== "DETAILS" || target.open) return;
    target.querySelector("summary").click();
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

  addEventListener("pagehide", () => {
    for (const secret of document.querySelectorAll(".is-secret code")) secret.textContent = "It was shown once.";
  });

  addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
    for (const busy of document.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
  });
})();
