"""No address of the pages ends in an empty page."""

import pytest
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from app.page_addresses import PageAddresses, page_meant


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("/lessons/descent", "/lessons?lesson=descent"),
        ("/lessons/descent/", "/lessons?lesson=descent"),
        ("/models/mnist-cnn", "/models?model=mnist-cnn"),
        ("/models/hub/ada/digits", "/models?model=hub%2Fada%2Fdigits"),
        ("/models/", "/models"),
        ("/digits/", "/digits"),
        ("/digits/more/of/it", "/digits"),
        ("/Digits", "/digits"),
        ("/LESSONS/descent", "/lessons?lesson=descent"),
        ("//", "/"),
        ("/tasks digits/x", "/"),
        ("/ü/x", "/"),
        ("/a\\b", "/"),
        ("/<b>/x", "/"),
    ],
)
def test_an_address_that_is_no_page_leads_to_the_one_meant(address, meant):
    assert page_meant(address) == meant
    assert page_meant(meant.partition("?")[0]) is None  # no redirect leads to another


@pytest.mark.parametrize(
    "address",
    ["/", "/digits", "/three-or-seven", "/nope", "/static/js/x.js", "/_stcore/health", "/_stcore/stream", "/media/a/b"]
    + ["/component/x/index.html", "/app/static/x", "/favicon.png", "/digits/static/js/x.js"]
    + ["/digits/_stcore/health", "/digits/_stcore/host-config", "/digits/component/x"],
)
def test_pages_and_what_belongs_to_streamlit_are_left_alone(address):
    assert page_meant(address) is None


def test_the_query_and_the_root_path_are_kept():
    client = TestClient(PageAddresses(PlainTextResponse("page")), root_path="/zoo", follow_redirects=False)
    assert client.get("/zoo/digits/?draw=seven").headers["location"] == "/zoo/digits?draw=seven"
    target = client.get("/zoo/lessons/descent?rate=0.1&rate=").headers["location"]
    assert target == "/zoo/lessons?lesson=descent&rate=0.1&rate="
    assert client.get("/zoo/digits").text == "page" and client.post("/zoo/digits/").text == "page"


@pytest.mark.parametrize("address", ["//example.org/x", "/\\example.org/x", "/%2F%2Fexample.org/x", "/https://x.org/"])
def test_no_redirect_leads_to_another_site(address):
    target = page_meant(address)
    assert target is None or (target.startswith("/") and not target.startswith(("//", "/\\")))
