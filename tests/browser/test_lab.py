"""The lab in a browser: a real training that outlives the page, is found again, stopped, kept and tried."""

import re

import pytest
from playwright.sync_api import expect

from app.hub.lab import access
from app.verify.local_server import LocalServer
from models import runs
from tests.browser.conftest import PATIENCE, settle
from tests.browser.test_open_things import BREAK
from tests.proxy import Proxy
from training import queue

LONG = 240_000  # milliseconds; PyTorch is loaded, and the machine may be busy
CHARTS = '[data-testid="stVegaLiteChart"] svg.marks'
REPLACED = """() => {
    window.replaced = 0;
    new MutationObserver(changes => changes.forEach(change => change.removedNodes.forEach(node => {
        if (node.matches?.('svg.marks') || node.querySelector?.('svg.marks')) window.replaced += 1;
    }))).observe(document.body, { subtree: true, childList: true });
}"""


@pytest.fixture(autouse=True)
def nothing_goes_on():
    """End what a failed test has left in the queue."""
    yield
    for run in runs.runs():
        if run.state in ("queued", "running"):
            queue.stop(run.id, keep=False)


def epochs(page, count: str):
    page.get_by_role("spinbutton", name="Epochs", exact=True).fill(count)
    page.keyboard.press("Tab")
    expect(page.get_by_text("Changed: ")).to_contain_text(f"Epochs {count}")


def press_train(page) -> str:
    """Start a run with the keyboard; returns its id."""
    before = page.url
    page.get_by_role("button", name="Train", exact=True).focus()
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before)
    return re.search(r"run=([\w-]+)", page.url)[1]


def test_a_training_outlives_the_page_and_is_stopped_and_tried(visit):
    page = visit("/lab?entry=mnist-cnn")
    epochs(page, "900")
    first = press_train(page)
    expect(page.get_by_role("button", name="Stop and keep")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("Waiting: 1")).to_be_visible(timeout=LONG)
    assert f"run={first}" in page.url  # what trains stays in view
    expect(page.get_by_role("button", name="Stop and keep")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Waiting: 1")).to_be_hidden(timeout=LONG)
    page.close()

    page = visit("/lab")  # it is found again
    page.wait_for_url(re.compile(f"run={first}$"))
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 900"))).to_be_visible(timeout=LONG)
    expect(page.locator(CHARTS)).to_have_count(3)
    page.wait_for_function("() => document.querySelector('.st-key-lab-figures dd')?.textContent !== '\u2026'")
    page.wait_for_timeout(1500)
    size = page.locator(CHARTS).first.evaluate("chart => chart.innerHTML.length")
    page.evaluate(REPLACED)
    page.wait_for_function(  # the lines grow in the same charts
        "([charts, size]) => document.querySelector(charts).innerHTML.length > size + 200",
        arg=[CHARTS, size],
        timeout=PATIENCE,
    )
    assert page.evaluate("window.replaced") == 0
    page.get_by_role("button", name="Stop and keep").click()
    expect(page.locator(".zoo-result")).to_be_visible(timeout=LONG)
    page.get_by_role("link", name="Try it beside Course CNN").click()
    page.wait_for_url(re.compile("/digits"))
    assert f"models={first}%2Cmnist-cnn" in page.url or f"models={first},mnist-cnn" in page.url
    expect(page.get_by_text(first).first).to_be_visible()

    page = visit("/lab?view=Runs")
    box = page.get_by_role("checkbox", name=f"Compare {first}")
    box.focus()
    page.keyboard.press("Space")
    expect(box).to_be_checked()
    note = page.get_by_role("textbox", name=f"Note on {first}")
    note.fill("by keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("cell", name="by keyboard")).to_be_visible()
    assert runs.read(first).note == "by keyboard"
    page.get_by_role("link", name=first).click()
    page.wait_for_url(re.compile(f"run={first}"))
    expect(page.locator(".zoo-result")).to_be_visible()


def test_stop_and_discard_leaves_nothing(visit):
    page = visit("/lab?entry=mnist-cnn")
    epochs(page, "900")
    run = press_train(page)
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 900"))).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Stop and discard").click()
    page.wait_for_function("id => !location.search.includes(id)", arg=run, timeout=LONG)
    assert run not in {each.id for each in runs.runs()}


def test_a_failing_table_shows_one_sentence(chromium, address):
    """Its script does not find an element that it needs; Streamlit would show a red box."""
    record = {"id": "broken-table", "model": "m", "entry": "mnist-cnn", "task": "digits", "seed": 0, "recipe": {}}
    runs.write(runs.Run(**record, state="failed", created=1.0))
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.add_init_script(BREAK % "tbody")
        page.goto(f"{address}/lab?view=Runs")
        settle(page)
        expect(page.locator(".zoo-broken")).to_have_count(1)
        expect(page.locator('[data-testid="stException"], [data-testid="stAlert"]')).to_have_count(0)
    finally:
        context.close()
        runs.remove("broken-table")


@pytest.mark.parametrize("setting", ["local", "off"])
def test_through_a_proxy_or_switched_off_the_lab_is_one_sentence(chromium, setting):
    environment = {"ZOO_LAB": setting, "ZOO_WIDGETS": "off"}
    with LocalServer(environment) as server, Proxy(server.address) as proxy:
        context = chromium.new_context()
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        for address in [proxy.address, *([server.address] if setting == "off" else [])]:
            page.goto(f"{address}/lab")
            settle(page)
            expect(page.get_by_text(access.OFF if setting == "off" else access.NOT_LOCAL)).to_be_visible()
            expect(page.get_by_role("button", name="Train", exact=True)).to_have_count(0)
            expect(page.get_by_role("link", name="Lab", exact=True)).to_have_count(0)
        context.close()
