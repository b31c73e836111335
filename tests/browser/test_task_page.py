"""A task's page: models, address, evidence, stages, and pictures as input."""

import base64
import io

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from models import catalog
from tests.browser.conftest import DESKTOP, PHONE, SEVEN, THREE, answers, draw, settle, wait_for_answer

SCRIBBLE = [[(20, 30), (250, 60), (30, 120), (260, 150), (40, 200), (240, 260), (30, 250)], [(250, 240), (20, 20)]]
MODELS = [model for model in catalog.models("digits") if model.origin == "shipped"]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_input_and_first_answer_are_on_screen_together(visit, size, theme):
    page = visit("/digits", size, theme)
    for _ in ("the example's", "the drawing's"):
        says = answers(page).first.bounding_box()
        pad = page.locator("canvas.ink").bounding_box()
        assert pad["y"] >= 0
        assert says["y"] + says["height"] <= size[1]
        draw(page, THREE, touch=size == PHONE)
        wait_for_answer(page, "3")


def test_nothing_moves_when_an_answer_arrives(visit):
    page = visit("/digits")
    before = [page.locator(part).first.bounding_box() for part in ("canvas.ink", ".zoo-answer .name", ".zoo-bars")]
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    after = [page.locator(part).first.bounding_box() for part in ("canvas.ink", ".zoo-answer .name", ".zoo-bars")]
    assert [box["y"] for box in before] == pytest.approx([box["y"] for box in after], abs=1)


def test_the_address_has_the_chosen_models_and_back_leaves_the_page(visit):
    page = visit("/")
    page.get_by_role("link", name="Digits").first.click()
    page.wait_for_selector("canvas.ink")
    settle(page)
    off = MODELS[1]  # one of the two that are shown by default
    page.locator(f'button[data-id="{off.id}"]').first.click()  # above the answers; the list of all models has it too
    expect(page.locator(f'.zoo-answer[data-model="{off.id}"]')).to_have_count(0)
    assert "models=" in page.url
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    page.go_back()
    page.wait_for_selector("[class*=st-key-card-]")
    page.go_forward()
    page.wait_for_selector("canvas.ink")
    expect(page.locator(f'.zoo-answer[data-model="{off.id}"]')).to_have_count(0)


def test_a_link_chooses_the_models(visit):
    asked = [MODELS[-1].id, MODELS[0].id]
    page = visit(f"/digits?models={','.join(asked)}")
    shown = page.locator(".zoo-answer[data-model]").evaluate_all("all => all.map(one => one.dataset.model)")
    assert shown == [model.id for model in catalog.models("digits") if model.id in asked]  # always the best first
    page = visit(f"/digits?models={MODELS[-1].id}")
    expect(page.locator(".zoo-answer[data-model]")).to_have_count(1)


def test_an_unknown_model_in_the_address_is_a_sentence_with_similar_ids(visit):
    page = visit("/digits?models=mnist-cn,%3Cb%3Ex")
    expect(page.locator(".zoo-calm").first).to_contain_text("mnist-cnn")
    expect(page.locator(".zoo-answer[data-model]").first).to_be_visible()


def test_a_scribble_is_not_recognised(visit):
    page = visit("/digits")
    draw(page, SCRIBBLE)
    page.wait_for_selector(".zoo-tag", state="detached")
    expect(page.locator(".says.none").first).to_contain_text("I don't recognise this as a digit. Closest match:")


def test_why_shows_the_evidence_over_the_drawing(visit):
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    page.get_by_role("button", name="Why?").first.click()
    expect(page.locator("p.reading")).to_contain_text("evidence for 7")
    assert _evidence(page) > 0
    page.get_by_role("combobox", name="Evidence for or against").click()
    page.get_by_role("option", name="Why not 1?").click()
    expect(page.locator("p.reading")).to_contain_text("evidence for 1")
    page.locator("canvas.ink").hover(position={"x": 200, "y": 90})
    expect(page.locator("p.reading")).to_contain_text("This area is")
    page.get_by_role("button", name="Why?").first.click()
    expect(page.locator("p.reading")).to_be_empty()
    assert _evidence(page) == 0


def test_what_it_sees_shows_the_stages(visit):
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    page.get_by_role("button", name="What it sees").first.click()
    expect(page.locator(".zoo-stages img")).to_have_count(3)


def test_an_uploaded_picture_is_answered_until_the_next_stroke(visit):
    page = visit("/digits")
    _upload(page, "seven.jpg", _picture())
    wait_for_answer(page, "7")
    expect(page.locator("img.picture")).to_be_visible()
    draw(page, THREE)
    wait_for_answer(page, "3")
    expect(page.locator("img.picture")).to_be_hidden()


def test_a_picture_can_be_pasted_or_dropped_on_the_pad(visit):
    page = visit("/digits")
    given = """([pad, data, kind]) => {
        const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
        const files = new DataTransfer();
        files.items.add(new File([bytes], 'seven.jpg', { type: 'image/jpeg' }));
        const how = { bubbles: true, cancelable: true };
        if (kind === 'drop') pad.dispatchEvent(new DragEvent('drop', { ...how, dataTransfer: files, composed: true }));
        else document.dispatchEvent(new ClipboardEvent('paste', { ...how, clipboardData: files }));
    }"""
    for kind in ("drop", "paste"):
        pad = page.locator("canvas.ink").element_handle()
        page.evaluate(given, [pad, base64.b64encode(_picture()).decode(), kind])
        wait_for_answer(page, "7")
        expect(page.locator("img.picture")).to_be_visible()
        page.get_by_role("button", name="clear").click()
        page.wait_for_selector(".zoo-tag")


def test_a_blind_vote_and_feedback(visit):
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    page.get_by_text("Blind test").click()
    expect(page.locator('.zoo-answer[data-model="A"]')).to_be_visible()
    expect(page.get_by_text("% correct")).to_have_count(0)
    assert not [model.id for model in MODELS if model.id in page.locator(".st-key-answers").inner_html()]
    page.get_by_role("button", name="7 (A, B)").click()
    expect(page.locator(f'.zoo-answer[data-model="{MODELS[0].id}"]')).to_be_visible()
    page.get_by_role("button", name="Yes", exact=True).click()
    expect(page.get_by_text("Noted: it was 7.")).to_be_visible()


def test_a_whole_folder_is_answered(visit, tmp_path):
    for name in ("a/seven.jpg", "b/seven.jpg"):
        (tmp_path / "scans" / name).parent.mkdir(parents=True)
        (tmp_path / "scans" / name).write_bytes(_picture())
    page = visit("/digits")
    page.get_by_text("Test many files").click()
    page.get_by_text("Upload a folder").click()
    many = page.locator(".st-key-many-digits")
    expect(many.get_by_text("A folder of images")).to_be_visible()
    expect(many.locator("input[type=file]")).to_have_count(1)  # the one for single files is gone
    many.locator("input[type=file]").set_input_files(str(tmp_path / "scans"))
    expect(many.get_by_role("button", name="Start")).to_be_enabled()
    many.get_by_role("button", name="Start").click()
    expect(many.get_by_text("2 answered")).to_be_visible()
    expect(many.get_by_role("table")).to_contain_text("a/seven.jpg")


def test_a_wrong_file_shows_one_sentence_and_keeps_the_drawing(visit):
    page = visit("/digits")
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    _upload(page, "seven.png", b"this is no picture")
    expect(page.locator(".zoo-calm").first).to_contain_text("not an image")
    wait_for_answer(page, "7")


def test_a_wrong_file_removes_the_answer_to_the_previous_picture(visit):
    page = visit("/digits")
    _upload(page, "seven.jpg", _picture())
    wait_for_answer(page, "7")
    page.keyboard.press("Escape")
    _upload(page, "seven.png", b"this is no picture")
    expect(page.locator(".zoo-calm").first).to_contain_text("not an image")
    expect(page.locator(".zoo-tag")).to_be_visible()
    expect(page.locator("img.picture")).to_be_hidden()


def test_a_copied_link_opens_models_and_drawing_and_later_strokes_stay(visit):
    page = visit(f"/digits?models={MODELS[-1].id}")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    draw(page, SEVEN)
    wait_for_answer(page, "7")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "ink=" in link
    assert "ink=" not in page.url
    page = visit(link[link.index("/digits") :])
    wait_for_answer(page, "7")
    expect(page.locator(".zoo-answer[data-model]")).to_have_count(1)
    page.get_by_role("button", name="clear").click()
    page.wait_for_selector(".zoo-tag")
    draw(page, THREE)
    wait_for_answer(page, "3")


def test_without_a_clipboard_the_link_is_shown(visit):
    page = visit("/digits")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_label("Link to this page")).to_have_value(page.url)


def test_a_damaged_link_shows_one_sentence(visit):
    page = visit("/digits?ink=eJxjYGBg")
    expect(page.locator(".zoo-calm").first).to_contain_text("damaged")
    draw(page, SEVEN)
    wait_for_answer(page, "7")


def _upload(page, name: str, data: bytes) -> None:
    page.get_by_role("button", name="Upload", exact=True).click()
    page.locator('[data-testid="stPopoverBody"] input[type=file]').set_input_files(
        {"name": name, "mimeType": "image/*", "buffer": data}
    )


def _picture() -> bytes:
    image = Image.new("L", (600, 800), 210)
    ImageDraw.Draw(image).line([(150, 200), (450, 200), (270, 650)], fill=30, width=48, joint="curve")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    return buffer.getvalue()


def _evidence(page) -> int:
    return page.locator("canvas.evidence").evaluate(
        """canvas => { const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let count = 0; for (let i = 3; i < data.length; i += 4) count += data[i] > 0; return count }"""
    )
