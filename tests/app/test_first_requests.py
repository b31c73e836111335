"""Many first requests at once, on pages and by REST: each model is loaded once, and everyone is answered."""

import asyncio
import sys
from collections import Counter

import httpx

from app.verify.local_server import LocalServer
from tests.app.conftest import STROKES, open_page

SERVER = """
import os
from app import server
from models import loading

load = loading._predictor


def printed(folder, *rest):
    os.write(1, f"Loading {folder.name}\\n".encode())  # at once, unlike print: other threads write too
    return load(folder, *rest)


loading._predictor = printed
server.serve()
"""
MODELS = ("mnist-cnn", "mnist-mlp", "letters-scratch")


def test_fifty_first_requests_load_each_model_once():
    async def visit(address):
        async with httpx.AsyncClient(base_url=address, timeout=300) as client:

            async def ask(number):
                return await client.post(f"/api/predict/{MODELS[number % len(MODELS)]}", json=STROKES)

            asked = [ask(number) for number in range(30)]
            opened = [open_page(address, "digits") for _ in range(20)]
            return await asyncio.gather(asyncio.gather(*asked), asyncio.gather(*opened))

    with LocalServer({"ZOO_WIDGETS": "off"}, command=(sys.executable, "-c", SERVER)) as server:
        answers, pages = asyncio.run(visit(server.address))
        loaded = Counter(line for line in server.lines if line.startswith("Loading"))
    assert {answer.status_code for answer in answers} == {200}
    for page in pages:
        texts = [str(message.delta.new_element) for message in page if message.WhichOneof("type") == "delta"]
        assert sum("<section" in text for text in texts) == 2  # the example, answered by two models
    assert {f"Loading {id}" for id in MODELS} <= set(loaded) and set(loaded.values()) == {1}
