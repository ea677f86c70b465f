/**
 * Sets the chosen theme before the first paint, so that the page does not flash in the other one. It is a classic
 * script because a module would run after the first paint.
 */
(() => {
  try {
    const { theme } = JSON.parse(localStorage.getItem("turnlog.preferences") ?? "{}");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Without storage, or with something foreign in it, the system's theme stands.
  }
})();
