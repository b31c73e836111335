"""The page of a picture task: a photo is chosen, dropped, pasted or taken from the examples.

It stays visible with its heat map.
"""

import base64

import pytest
from PIL import Image
from playwright.sync_api import expect

from models import catalog
from models.tasks.holidays import PHOTOS
from tests.browser.conftest import DESKTOP, PHONE, answers, settle
from tests.browser.test_every_page import findings
from tests.conftest import encoded, missing

FLOWER = PHOTOS / "flower.webp"
GIVE = """(element, [kind, data, name, type]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes], name ?? "flower.webp", { type: type ?? "image/webp" }));
  const event = kind === "paste" ? new ClipboardEvent(kind, { clipboardData: given, bubbles: true, cancelable: true })
    : new DragEvent(kind, { dataTransfer: given, bubbles: true, cancelable: true });
  element.dispatchEvent(event);
}"""


@pytest.fixture
def photos(visit):
    """`photos(size)` opens the page of the holidays; the test is skipped without a model for it."""
    if not catalog.models("holidays"):
        missing("there is no holidays model; `zoo train holidays-efficientnet` trains one")
    return lambda size=DESKTOP, theme="light": visit("/holidays", size, theme)


def choose(page) -> None:
    with page.expect_file_chooser() as chooser:
        page.locator(".frame .choose").click()
    chooser.value.set_files(FLOWER)


def drop(page) -> None:
    page.locator(".frame .board").evaluate(GIVE, ["drop", base64.b64encode(FLOWER.read_bytes()).decode()])


def paste(page) -> None:
    page.locator("body").evaluate(GIVE, ["paste", base64.b64encode(FLOWER.read_bytes()).decode()])


def paste_without_a_type(page) -> None:
    data = base64.b64encode(FLOWER.read_bytes()).decode()
    page.locator("body").evaluate(GIVE, ["paste", data, "flower", ""])


def example(page) -> None:
    page.locator(".frame .rail button").first.click()


def wait_for_photo(page) -> None:
    page.wait_for_selector(".zoo-tag", state="detached")
    expect(page.locator(".frame .picture")).to_be_visible()


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_frame_and_first_answer_are_on_screen_together(photos, size):
    page = photos(size)
    for element in (page.locator(".frame .board"), answers(page).first):
        expect(element).to_be_in_viewport(ratio=0.99)
    choose(page)
    wait_for_photo(page)
    for element in (page.locator(".frame .picture"), answers(page).first):
        expect(element).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("way", [choose, drop, paste, paste_without_a_type, example])
def test_a_photo_is_answered_however_it_is_added(photos, way):
    page = photos()
    way(page)
    wait_for_photo(page)
    expect(answers(page).first).not_to_be_empty()
    page.locator(".frame .clear").click()
    page.wait_for_selector(".zoo-tag")
    expect(page.locator(".frame .picture")).to_be_hidden()


def test_the_heat_map_covers_the_photo_and_is_described(photos):
    page = photos()
    choose(page)
    wait_for_photo(page)
    page.get_by_role("button", name="Why?").first.click()
    expect(page.locator(".frame .reading")).to_contain_text("Blue (+) is evidence for")
    coloured = page.locator(".frame canvas.evidence").evaluate(
        """(canvas) => {
        const side = canvas.width, data = canvas.getContext('2d').getImageData(0, 0, side, side).data;
        const alpha = (x, y) => data[4 * (Math.round(y * side) * side + Math.round(x * side)) + 3];
        let any = 0; for (let i = 3; i < data.length; i += 4) any += data[i] > 20;
        return [any / (side * side), alpha(0.5, 0.02)]; }"""
    )
    assert coloured[0] > 0.05 and coloured[1] == 0  # over the photo, not over the empty space above it
    board = page.locator(".frame .board").bounding_box()
    page.mouse.move(board["x"] + board["width"] / 2, board["y"] + board["height"] / 2)
    expect(page.locator(".frame .reading")).to_contain_text("This area is")


def test_a_wrong_file_is_refused_and_a_large_one_is_not_sent(photos):
    page = photos()
    with page.expect_file_chooser() as chooser:
        page.locator(".frame .choose").click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.locator(".zoo-calm", has_text="not an image in a supported format")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.locator(".frame .choose").click()
    chooser.value.set_files({"name": "b.png", "mimeType": "image/png", "buffer": bytes(21 * 2**20)})
    expect(page.locator(".frame .reading")).to_contain_text("the limit is 20 MB")


def test_the_photo_survives_leaving_the_page(photos):
    page = photos()
    choose(page)
    wait_for_photo(page)
    page.get_by_role("link", name="The Zoo").first.click()
    page.wait_for_selector(".zoo-thumb")
    page.go_back()
    settle(page)
    wait_for_photo(page)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_photo_page_is_accessible(photos, theme):
    page = photos(theme=theme)
    choose(page)
    wait_for_photo(page)
    assert not findings(page)


def test_a_refused_photo_leaves_no_answer_to_the_one_before(photos):
    page = photos()
    choose(page)
    wait_for_photo(page)
    page.locator(".frame .board").evaluate(GIVE, ["drop", base64.b64encode(b"no photo").decode(), "x", ""])
    expect(page.get_by_text("not an image in a supported format")).to_be_visible()
    expect(page.locator(".frame .picture")).to_be_hidden()
    page.wait_for_selector(".zoo-tag")


def test_the_browser_makes_a_photo_over_the_limit_smaller(photos):
    """A BMP of 24 MB: larger than the server takes."""
    page = photos()
    image = Image.open(FLOWER).convert("RGB").resize((3600, 2400))
    with page.expect_file_chooser() as chooser:
        page.locator(".frame .choose").click()
    chooser.value.set_files({"name": "large.bmp", "mimeType": "image/bmp", "buffer": encoded(image, "BMP")})
    wait_for_photo(page)
    expect(page.locator(".frame .reading")).to_have_text("")
    expect(answers(page).first).not_to_be_empty()
