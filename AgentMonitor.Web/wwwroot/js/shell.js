// What the frame does in the browser: theme, keyboard, dialogs, ticking times, scrolled lists. No round trip for any of it.
(() => {
  const root = document.documentElement;

  // Theme and density
  const choose = (name, value) => {
    root.dataset[name] = value;
    try { localStorage.setItem("am-" + name, value); } catch { /* the cookie remembers */ }
    document.cookie = `am-${name}=${value}; path=/; max-age=31536000; samesite=lax`;
    press();
  };
  const press = () => {
    for (const name of ["theme", "density"])
      for (const button of document.querySelectorAll(`[data-${name}-set]`))
        button.setAttribute("aria-pressed", String(button.getAttribute(`data-${name}-set`) === root.dataset[name]));
  };

  // Relative times. The text node stays the same one, so the framework can still change it.
  const relative = (at, now) => {
    const s = Math.round((now - at) / 1000), future = s < -1, a = Math.abs(s);
    if (a < 2) return "just now";
    const t = a < 60 ? `${a} s` : a < 3600 ? `${Math.floor(a / 60)} min` : a < 86400 ? `${Math.floor(a / 3600)} h` : `${Math.floor(a / 86400)} d`;
    return future ? `in ${t}` : `${t} ago`;
  };
  setInterval(() => {
    const now = Date.now();
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const node = time.firstChild, text = relative(Date.parse(time.dateTime), now);
      if (node && node.nodeType === 3 && node.nodeValue !== text) node.nodeValue = text;
    }
  }, 1000);

  // Copying, with a word where it was clicked
  const copied = (element, text) => {
    const say = message => {
      const box = element.getBoundingClientRect(), note = document.createElement("div");
      note.className = "copied"; note.setAttribute("role", "status"); note.textContent = message;
      note.style.left = Math.max(8, Math.min(innerWidth - 90, box.left)) + "px"; note.style.top = Math.max(8, box.top - 30) + "px";
      (element.closest("dialog") ?? document.body).append(note);
      setTimeout(() => note.remove(), 1100);
    };
    navigator.clipboard ? navigator.clipboard.writeText(text).then(() => say("Copied"), () => say("Could not copy")) : say("Could not copy");
  };

  document.addEventListener("click", event => {
    const target = event.target.closest?.("[data-theme-set],[data-density-set],[data-copy],[data-open-dialog],[data-close-dialog],.skip,[data-reload]");
    const popover = event.target.closest?.("[popover]");
    if (popover && event.target.closest("a,[data-closes]")) popover.hidePopover();
    if (!target) return;
    if (target.dataset.themeSet) choose("theme", target.dataset.themeSet);
    if (target.dataset.densitySet) choose("density", target.dataset.densitySet);
    if (target.dataset.copy !== undefined) { event.preventDefault(); copied(target, target.dataset.copy || target.closest("[data-copy-scope]")?.querySelector("pre,[data-copy-text]")?.textContent || ""); }
    if (target.dataset.openDialog) document.getElementById(target.dataset.openDialog)?.showModal();
    if (target.dataset.closeDialog !== undefined) target.closest("dialog")?.close();
    if (target.dataset.reload !== undefined) location.reload();
    if (target.classList.contains("skip")) { event.preventDefault(); document.getElementById("main")?.focus(); }
  });
  document.addEventListener("toggle", press, true);

  // Keyboard. Not while somebody types, and not under a dialog.
  const places = { o: "/", l: "/live", a: "/agents", t: "/tools", s: "/sessions", p: "/policy", w: "/approvals", u: "/audit" };
  let awaitsPlace = 0;
  const typing = element => element.matches?.("input:not([type=radio]):not([type=checkbox]),textarea,select,[contenteditable]");
  const visible = element => element && element.offsetParent !== null && !element.disabled;
  const pressKey = selector => {
    const found = [...document.querySelectorAll(`.drawer ${selector}`), ...document.querySelectorAll(`#main ${selector}`)].find(visible);
    found?.click();
    return Boolean(found);
  };
  const move = step => {
    const scope = document.activeElement?.closest("[data-rows]") ?? [...document.querySelectorAll("[data-rows]")].find(visible);
    if (!scope) return;
    const rows = [...scope.querySelectorAll("[data-row]")].filter(visible);
    const at = rows.indexOf(document.activeElement?.closest("[data-row]"));
    const view = scope.getBoundingClientRect();
    const first = rows.findIndex(r => r.getBoundingClientRect().bottom > view.top + 1);
    const next = rows[at < 0 ? Math.max(0, first) : Math.min(rows.length - 1, Math.max(0, at + step))];
    const focusable = next?.matches("a,button,[tabindex]") ? next : next?.querySelector("a,button,[tabindex]");
    focusable?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", event => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      document.querySelector("[data-search]")?.click();
      return;
    }
    if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
      if (typing(event.target)) { event.target.blur(); return; }
      const close = [...document.querySelectorAll("[data-escape]")].filter(visible).pop();
      if (close) { event.preventDefault(); close.click(); }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    if (awaitsPlace && Date.now() - awaitsPlace < 1200) {
      awaitsPlace = 0;
      const link = places[event.key] && document.querySelector(`.rail a[href="${places[event.key]}"]`);
      if (link) { event.preventDefault(); link.click(); return; }
    }
    switch (event.key) {
      case "g": awaitsPlace = Date.now(); return;
      case "/": { const filter = [...document.querySelectorAll("[data-filter]")].find(visible); if (filter) { event.preventDefault(); filter.focus(); filter.select?.(); } return; }
      case "j": move(1); return;
      case "k": move(-1); return;
      case "q": if (pressKey("[data-key=q]")) event.preventDefault(); return;
      case " ": if (event.target === document.body && pressKey("[data-key=pause]")) event.preventDefault(); return;
      case "?": document.getElementById("help")?.showModal(); return;
    }
  });

  // What components call
  window.agentMonitor = {
    viewer: () => ({ zone: Intl.DateTimeFormat().resolvedOptions().timeZone, offsetMinutes: -new Date().getTimezoneOffset() }),
    openDialog: dialog => {
      if (!dialog || dialog.open) return;
      dialog.returnTo = document.activeElement;
      dialog.showModal();
      dialog.querySelector("[data-first]")?.focus();
    },
    closeDialog: dialog => {
      if (!dialog) return;
      if (dialog.open) dialog.close();
      dialog.returnTo?.isConnected && dialog.returnTo.focus();
    },
    focus: element => element?.focus({ preventScroll: true }),
    focusFirst: (element, selector) => element?.querySelector(selector)?.focus(),
    remember: element => { if (element) element.returnTo = document.activeElement; element?.focus({ preventScroll: true }); },
    scrollToTop: element => element?.scrollTo({ top: 0 }),
    // Tells a list when it is scrolled away from its top or holds the focus: only when that changes.
    watchList: (element, list) => {
      if (!element) return;
      let held = false;
      const look = () => {
        const now = element.scrollTop > 2 || element.contains(document.activeElement) && document.activeElement.matches(":focus-visible");
        if (now !== held) { held = now; list.invokeMethodAsync("SetScrolledAsync", now).catch(() => { }); }
      };
      element.addEventListener("scroll", look, { passive: true });
      element.addEventListener("focusin", look);
      element.addEventListener("focusout", () => setTimeout(look, 0));
    },
    keepVisible: id => document.getElementById(id)?.scrollIntoView({ block: "nearest" }),
  };
})();
