// Removes the first page as soon as Streamlit has drawn something in its place.
(() => {
  const first = document.getElementById("zoo-first");
  const root = document.getElementById("root");
  for (const link of document.querySelectorAll('link[rel="stylesheet"][media="print"]')) {
    if (link.sheet) link.media = "all";
    else link.addEventListener("load", () => { link.media = "all"; });
  }
  try {
    const theme = JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`)); // the visitor's choice
    if (theme === "Light" || theme === "Dark") first.style.colorScheme = theme.toLowerCase();
  } catch { /* no storage: the system's theme, as Streamlit would */ }
  const DRAWN = '.zoo-title, .zoo-calm, [data-testid="stException"], [data-testid="stAlert"]';
  const watcher = new MutationObserver(() => {
    if (!root.querySelector(DRAWN)) return;
    watcher.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(replace)); // once what was drawn is laid out
  });
  function replace() {
    const { scrollTop } = first;
    const focused = first.contains(document.activeElement) && document.activeElement.href;
    first.remove();
    const main = root.querySelector('[data-testid="stMain"]');
    if (main && scrollTop) main.scrollTop = scrollTop;
    if (focused) [...root.querySelectorAll("a")].find((link) => link.href === focused)?.focus();
  }
  watcher.observe(root, { childList: true, subtree: true });
})();
