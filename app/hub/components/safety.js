// Error handling for a component: if its `main` throws, one sentence is shown in its place and the error is logged to the console.
// Otherwise Streamlit would show its error box. Appended to every component's JavaScript.

const BROKEN = "Something went wrong in this part of the page. Reload the page to try again.";

export default function (component) {
  const { parentElement } = component;
  try {
    const close = main(component);
    parentElement.querySelector(".zoo-broken")?.remove();
    return close;
  } catch (error) {
    console.error(error);
    if (parentElement.querySelector(".zoo-broken")) return;
    const notice = document.createElement("p");
    notice.className = "zoo-broken";
    notice.setAttribute("role", "status");
    notice.textContent = BROKEN;
    parentElement.append(notice);
  }
}
