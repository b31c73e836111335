"""Checkpoints from strangers whose JSON files contain values of every kind."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.checkpoint import Checkpoint
from models.errors import BadCheckpoint
from tests.fuzz.cases import cases, values
from tests.fuzz.checkpoints.conftest import FILES, SLUGS, used_or_refused, write


def places(value: Any, path: tuple = ()) -> list[tuple]:
    """The path of every value in nested JSON; of long lists only the first and last items."""
    if isinstance(value, dict):
        inner = list(value.items())
    elif isinstance(value, list):
        inner = [*enumerate(value[:2]), *([(len(value) - 1, value[-1])] if len(value) > 2 else [])]
    else:
        inner = []
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


JSON = {
    (slug, name): (json.loads(FILES[slug][name]), places(json.loads(FILES[slug][name])))
    for slug in SLUGS
    for name in ("config.json", "processor.json", "evaluation.json", "golden.json")
}
LITERALS = st.sampled_from(
    (
        *("NaN", "Infinity", "-Infinity", "1e400", "-0.0", "1e-320", "1e308", "9" * 4_000, "9" * 5_000, "null", "true"),
        *(
            "[" * 100 + "]" * 100,
            "[" * 100_000,
            '{"a":' * 60 + "1" + "}" * 60,
            "[]",
            "{}",
            '""',
            '"\\ud800"',
            '"\\u001b[2J"',
        ),
        *(
            '"\\u202e"',
            '"' + "a" * 3_000 + '"',
            "0",
            "-1",
            "1.5",
            "4294967296",
            "99999999999999999999",
            '{"label": "{}"}',
        ),
        *('"<script>alert(1)</script>"', '["' + '", "'.join(map(str, range(12_000))) + '"]', '"../../etc/passwd"'),
    )
)


def dumped(value: Any) -> str:
    """A generated value as JSON, near enough."""
    return json.dumps(value, default=lambda data: data.decode("latin-1"))


@st.composite
def changed(draw: Any, slug: str, name: str) -> bytes:
    """A JSON file with one to three values replaced, removed, or given twice."""
    whole, paths_ = JSON[slug, name]
    text = json.loads(json.dumps(whole))
    literals = []
    for _ in range(draw(st.integers(1, 3))):
        *within, last = draw(st.sampled_from(paths_)) or (draw(st.sampled_from(sorted(whole))),)
        target = text
        try:
            for key in within:
                target = target[key]
            match draw(st.sampled_from(("replace", "replace", "replace", "remove", "twice", "unknown"))):
                case "replace":
                    literals.append(draw(st.one_of(LITERALS, values.map(dumped))))
                    target[last] = f"@{len(literals) - 1}@"
                case "remove":
                    del target[last]
                case "twice":
                    literals.append(f'{dumped(target[last])}, "{last}": {draw(LITERALS)}')
                    target[last] = f"@{len(literals) - 1}@"
                case "unknown" if isinstance(target, dict):
                    target[draw(st.text(max_size=5))] = draw(values.filter(lambda value: value is None or value == ""))
        except (KeyError, IndexError, TypeError):
            continue
    data = json.dumps(text)
    for number, literal in enumerate(literals):
        data = data.replace(f'"@{number}@"', literal)
    return data.encode(errors="replace")


@cases(150)
@given(st.data(), st.sampled_from(sorted(JSON)), st.sampled_from(("config.json", None)))
def test_json_with_values_of_every_kind(folder, data, which, name):
    slug, name = which[0], name or which[1]
    write(folder, {**FILES[slug], name: data.draw(changed(slug, name))})
    used_or_refused(folder)


NAMED = {
    "NaN in the recipe": ("config.json", ("training", "recipe", "lr"), "NaN", "NaN, infinity"),
    "an infinite number": ("config.json", ("task", "examples"), '[{"title": "1", "raw": [[[1e400, 1]]]}]', "NaN"),
    "a number of many digits": ("config.json", ("training", "seed"), "9" * 4_000, "too large"),
    "nested deeply": ("config.json", ("training", "recipe", "lr"), "[" * 60 + "]" * 60, "nested"),
    "letters in reverse": ("config.json", ("title",), '"\\u202etac"', "control characters"),
    "a temperature of nearly 0": ("config.json", ("temperature",), "1e-320", "temperature"),
    "a count of many digits": ("evaluation.json", ("test_runs",), "9" * 4_000, "too large"),
    "a drawing of many pixels": ("processor.json", ("size",), "256", "at most 64"),
}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_value_that_a_page_or_an_answer_could_not_show_is_refused(folder, name):
    file, (*within, last), literal, word = NAMED[name]
    values = json.loads(FILES["mnist-cnn"][file])
    target = values
    for key in within:
        target = target[key]
    target[last] = "@"
    write(folder, {**FILES["mnist-cnn"], file: json.dumps(values).replace('"@"', literal).encode()})
    with pytest.raises(BadCheckpoint, match=word):
        Checkpoint.open(folder).check()


def test_of_a_key_that_is_there_twice_the_last_one_is_checked_and_used(folder):
    data = FILES["mnist-cnn"]["config.json"].decode()
    title = json.loads(data)["title"]
    twice = data.replace(f'"title": {json.dumps(title)}', f'"title": "\\u202etac", "title": {json.dumps(title)}', 1)
    assert twice != data
    write(folder, {**FILES["mnist-cnn"], "config.json": twice.encode()}, resign=False)
    assert Checkpoint.open(folder).config.title == title
