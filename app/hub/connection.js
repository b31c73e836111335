// A sentence on the page if its websocket cannot be opened; without it Streamlit shows its skeleton and tries for ever.
(() => {
  const PATIENCE_MS = 6000; // from the first try on
  const Native = window.WebSocket;
  let timer;
  let notice;
  window.WebSocket = class extends Native {
    constructor(...args) {
      super(...args);
      timer ??= setTimeout(show, PATIENCE_MS);
      this.addEventListener("open", () => {
        clearTimeout(timer);
        notice?.remove();
      });
    }
  };
  function show() {
    const link = document.createElement("a");
    notice = document.createElement("p");
    notice.id = "zoo-connection";
    notice.setAttribute("role", "alert");
    notice.style.cssText = "position:fixed;inset:auto 16px 16px;z-index:1000000;margin:0 auto;max-width:640px;padding:16px;"
      + "border-radius:8px;font:16px/1.5 system-ui,sans-serif;color:#1d1d26;background:#fff;border:2px solid #3d3fc4";
    link.href = "./api/docs";
    link.textContent = "The REST API";
    link.style.color = "#3d3fc4";
    notice.append("This page cannot connect to its server: a proxy or firewall on the way blocks websockets. Ask whoever "
      + "runs it to allow them, or try another network. ", link, " works without.");
    document.body.append(notice);
  }
})();
