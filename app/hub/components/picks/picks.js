// HTML from the server whose elements with `data-pick` can be clicked; a click sends its value to the server.

const shown = new WeakMap();

function main(component) {
  const { parentElement, data, setTriggerValue } = component;
  const place = parentElement.querySelector(".zoo-picks");
  if (shown.get(place) !== data.html) {
    place.innerHTML = data.html;
    shown.set(place, data.html);
  }
  place.onclick = (event) => {
    const picked = event.target.closest("[data-pick]");
    if (picked) setTriggerValue("picked", picked.dataset.pick);
  };
}
