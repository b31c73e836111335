// The net under a component: what its `main` throws is one calm sentence in its place, and the console has the error.
// Streamlit would show a box of its own. Appended to every component's JavaScript.

const BROKEN = "Something went wrong in this part of the page. Your input is kept: reload the page.";

export default function (component) {
  const { parentElement } = component;
  try {
    const close = main(component);
    parentElement.querySelector(".zoo-broken")?.remove();
    return close;
  } catch (error) {
    console.error(error);
    if (parentElement.querySelector(".zoo-broken")) return;
    const sentence = document.createElement("p");
    sentence.className = "zoo-broken";
    sentence.setAttribute("role", "status");
    sentence.textContent = BROKEN;
    parentElement.append(sentence);
  }
}
