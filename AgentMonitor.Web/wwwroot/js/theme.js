// Runs before the first paint: what this browser remembers wins over what the server guessed from the cookie.
(() => {
  const root = document.documentElement;
  for (const name of ["theme", "density"]) {
    try {
      const value = localStorage.getItem("am-" + name);
      if (value) root.dataset[name] = value;
    } catch { /* storage is switched off: the cookie decides */ }
  }
})();
