"""A model's page, the home page and the links between them."""

import io
import zipfile

from playwright.sync_api import expect

from models import catalog
from models.checkpoint import Checkpoint
from tests.browser.conftest import settle

MODEL = next(model for model in catalog.models() if model.origin == "shipped")


def test_the_table_links_to_a_model_and_try_it_to_its_task(visit):
    page = visit("/")
    expect(page).to_have_title("The Zoo")
    page.get_by_role("link", name=MODEL.title, exact=True).click()
    expect(page.locator("h1")).to_have_text(MODEL.title)
    expect(page).to_have_title(f"{MODEL.title} · {MODEL.task.title} · The Zoo")
    assert f"model={MODEL.id}" in page.url
    page.get_by_role("link", name="Try it").click()
    expect(page.locator("h1")).to_have_text(MODEL.task.question)
    expect(page).to_have_title(f"{MODEL.task.title} · The Zoo")
    expect(page.locator(".zoo-answer[data-model]")).to_have_count(1)


def test_a_card_links_to_its_task(visit):
    page = visit("/")
    card = page.locator(f".st-key-card-{MODEL.task.slug}")
    card.click(position={"x": 20, "y": 20})  # anywhere on it
    expect(page.locator("h1")).to_have_text(MODEL.task.question)


def test_the_table_sorts_and_searches(visit):
    page = visit("/")
    names = page.locator("tbody th a")
    page.get_by_role("button", name="Parameters").click()
    sizes = page.locator("tbody tr td:nth-child(4)").all_inner_texts()
    assert sizes == sorted(sizes, key=lambda text: -int(text.replace(",", "")))
    page.get_by_label("Search models and tasks").fill(MODEL.id)
    expect(names.first).to_have_text(MODEL.title)
    page.get_by_label("Search models and tasks").fill("no such model")
    expect(names).to_have_count(0)


def test_the_table_filters(visit):
    page = visit("/")
    names = page.locator("tbody th a")
    page.get_by_label("Filter by task").select_option(MODEL.task.title)
    expect(names).to_have_count(len([model for model in catalog.models() if model.task.title == MODEL.task.title]))
    page.get_by_label("Filter by size").select_option("up to 10,000 parameters")
    small = [m for m in catalog.models(MODEL.task.slug) if m.config.parameters <= 10_000]
    expect(names).to_have_count(len(small))
    page.get_by_label("Filter by accuracy").select_option("at least 99% correct")
    expect(names).to_have_count(len([m for m in small if m.accuracy >= 0.99]))


def test_the_chart_follows_the_search(visit):
    page = visit("/")
    dots = page.locator("[data-testid=stVegaLiteChart] .mark-symbol.role-mark path")
    expect(dots).to_have_count(len([model for model in catalog.models() if model.config.figures]))
    page.get_by_label("Search models and tasks").fill(MODEL.id)
    expect(dots).to_have_count(1)
    page.get_by_label("Search models and tasks").fill("")
    expect(dots).to_have_count(len([model for model in catalog.models() if model.config.figures]))


def test_the_download_is_the_whole_checkpoint(visit):
    page = visit(f"/models?model={MODEL.id}")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download", exact=True).click()
    data = started.value.path().read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = {name.removeprefix(f"{MODEL.id}/") for name in archive.namelist()}
        assert names == {*MODEL.config.files, "config.json", "README.md"}
        for name in MODEL.config.files:
            assert archive.read(f"{MODEL.id}/{name}") == Checkpoint.open(MODEL.path).read(name)


def test_an_unknown_model_is_a_sentence_with_similar_ids(visit):
    page = visit("/models?model=mnist-cn")
    expect(page.locator(".zoo-calm")).to_contain_text("mnist-cnn")


def test_its_tabs_can_be_reached_with_the_keyboard(visit):
    page = visit(f"/models?model={MODEL.id}")
    page.get_by_role("tab", name="Figures").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Mistakes")).to_have_attribute("aria-selected", "true")
    settle(page)


def test_a_count_shows_its_drawings_and_a_click_opens_one_on_the_task_page(visit, zoo_home):
    for collected in (zoo_home / "cache").glob("confusion-*.json"):  # by a test before this one
        collected.unlink()
    page = visit("/models?model=mnist-cnn")
    page.get_by_role("tab", name="Mistakes").click()
    mistakes = page.get_by_text("Most frequent mistakes")
    of_first_set = mistakes.inner_text()
    page.get_by_role("radio", name="tiny scanned digits").or_(
        page.get_by_role("button", name="tiny scanned digits")
    ).click()
    expect(mistakes).not_to_have_text(of_first_set)  # the button below is another one from now on
    settle(page)
    page.get_by_role("button", name="Show the examples").click()
    page.wait_for_selector(".zoo-picks li button img")
    page.locator('.zoo-picks td[data-pick="3,3"]').click()
    page.wait_for_selector('.zoo-picks td.chosen[data-pick="3,3"]')
    first = page.locator(".zoo-picks li button").first
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/digits?models=mnist-cnn")
    page.wait_for_selector(".zoo-tag", state="detached")
    page.wait_for_selector(".zoo-answer .says")
    assert page.locator(".zoo-answer").count() == 1
