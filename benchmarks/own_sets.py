"""Small sets as a maker might bring them, with fresh inputs and strangers: for `benchmarks/small_sets.py`.

Drawings are made of generated strokes, or are UNIPEN's letters; photos come from Tiny ImageNet, or show the wonders;
texts are filled templates, or names. The same seed gives the same set. Drawings and photos are learned by the entries
that `zoo train --examples` chooses for them.
"""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from models.errors import ZooError
from models.inputs.strokes import PAD, draw, segments_of
from training.data import dataset
from training.data.dataset import Sources
from training.data.made_up import noise, patterns, scribbles
from training.data.no_names import mash
from training.data.tiny_imagenet import SIDE, photos

FRESH = 60  # inputs of each label
STRANGERS = 100  # of each kind
OTHERS = 25  # symbols that are strangers
PHOTOS = 12_000  # of Tiny ImageNet, 60 of each kind


@dataclass(frozen=True)
class OwnSet:
    """Examples, fresh inputs of the same kind with their labels, and strangers by kind.

    entry: the net to train. Drawings and photos are PIL images, texts are strings.
    """

    entry: str
    train: list[tuple[Any, str]]
    fresh: list[tuple[Any, str]]
    strangers: dict[str, list[Any]]

    def save(self, folder: Path) -> Path:
        """Write the examples as `zoo train --examples` reads them; returns the folder or, for texts, the CSV file."""
        folder.mkdir(parents=True)
        if isinstance(self.train[0][0], str):
            with (folder / "texts.csv").open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows([("text", "label"), *self.train])
            return folder / "texts.csv"
        for number, (image, label) in enumerate(self.train):
            (folder / "images" / label).mkdir(parents=True, exist_ok=True)
            image.save(folder / "images" / label / f"{number}.png")
        return folder / "images"


def symbols(seed: int, labels: int, each: int) -> OwnSet:
    """Invented symbols of two to four strokes. Strangers: other symbols, scribbles, and noise."""
    random = np.random.default_rng((seed, 1))
    shapes = [_symbol(random) for _ in range(labels + OTHERS)]
    names = [f"rune-{number}" for number in range(labels)]
    train = [(_drawn(shape, random), name) for shape, name in zip(shapes, names, strict=False) for _ in range(each)]
    fresh = [(_drawn(shape, random), name) for shape, name in zip(shapes, names, strict=False) for _ in range(FRESH)]
    others = [_drawn(shape, random) for shape in shapes[labels:] for _ in range(STRANGERS // OTHERS)]
    return OwnSet("letters-transfer", train, fresh, {"other symbols": others, **_plain_ink(seed)})


def letters(seed: int, labels: int, each: int) -> OwnSet:
    """UNIPEN's letters by many hands. Strangers: all other letters, scribbles, and noise. Raises ZooError without them.

    Test writers are not used, because the shipped models are tested on them. The trunk of letters-best, from which own
    drawings start, was trained on these very drawings; `digits` are new to it.
    """
    return _written("unipen-letters", "other letters", (seed, 2), labels, each)


def digits(seed: int, labels: int, each: int) -> OwnSet:
    """UNIPEN's digits by many hands. Strangers: all other digits, scribbles, and noise."""
    return _written("unipen-digits", "other digits", (seed, 6), labels, each)


def _written(name: str, others: str, seed: tuple[int, int], labels: int, each: int) -> OwnSet:
    """Drawings by many hands of a few labels of a data set; those of the other labels are strangers."""
    random = np.random.default_rng(seed)
    raw = dataset(name, Sources()).read("train", Sources())
    order = random.permutation(len(raw.labels))
    chosen = random.permutation(len(raw.classes))[:labels]
    rows = {label: order[raw.labels[order] == label][: each + FRESH] for label in chosen.tolist()}
    image = lambda row: _image(raw.inputs[row]["strokes"], raw.inputs[row]["pen"])  # noqa: E731
    train = [(image(row), raw.classes[label]) for label in rows for row in rows[label][:each]]
    fresh = [(image(row), raw.classes[label]) for label in rows for row in rows[label][each:]]
    strangers = [image(row) for row in order[~np.isin(raw.labels[order], chosen)][:STRANGERS]]
    return OwnSet("letters-transfer", train, fresh, {others: strangers, **_plain_ink(seed[0])})


def pictures(seed: int, labels: int, each: int) -> OwnSet:
    """Photos of a few of Tiny ImageNet's kinds. Strangers: other kinds, and patterns. Raises ZooError without it.

    Kinds with even numbers are left out, because own photos are compared with their mean (`training/mean_features.py`),
    and so is every eighth kind: CENTRE of `training/familiarity.py` was chosen on those.
    """
    random = np.random.default_rng((seed, 3))
    every = photos(Sources().folder, "train", PHOTOS)
    x, kinds = every.inputs["x"], every.labels
    new = (kinds % 2 == 1) & (kinds % 8 != 1)
    x, kinds = x[new], kinds[new]
    chosen = random.permutation(np.unique(kinds))[:labels]
    fresh, train = [], []
    for label in chosen.tolist():
        rows = random.permutation(np.flatnonzero(kinds == label))
        train += [(_photo(x[row]), f"kind-{label}") for row in rows[:each]]
        fresh += [(_photo(x[row]), f"kind-{label}") for row in rows[each : each + FRESH // 2]]
    others = [_photo(x[row]) for row in random.permutation(np.flatnonzero(~np.isin(kinds, chosen)))[:STRANGERS]]
    return OwnSet("holidays-efficientnet", train, fresh, {"other photos": others, "patterns": _plain_photos(seed)})


def places(seed: int, labels: int, each: int) -> OwnSet:
    """Training photos of a few of the seven wonders. Strangers: the other wonders, other photos, and patterns.

    Raises ZooError without them.
    """
    random = np.random.default_rng((seed, 5))
    raw = dataset("wonders", Sources()).read("train", Sources())
    chosen = random.permutation(len(raw.classes))[:labels]
    fresh, train = [], []
    for label in chosen.tolist():
        rows = random.permutation(np.flatnonzero(raw.labels == label))
        train += [(_opened(raw.inputs[row]), raw.classes[label]) for row in rows[:each]]
        fresh += [(raw.inputs[row], raw.classes[label]) for row in rows[each : each + FRESH // 2]]
    others = random.permutation(np.flatnonzero(~np.isin(raw.labels, chosen)))[:STRANGERS]
    tiny = photos(Sources().folder, "val", STRANGERS).inputs["x"]
    strangers = {"other places": [raw.inputs[row] for row in others], "other photos": [_photo(each) for each in tiny]}
    return OwnSet("holidays-efficientnet", train, fresh, {**strangers, "patterns": _plain_photos(seed)})


def tickets(seed: int, labels: int, each: int, fresh_each: int = FRESH, even: bool = False) -> OwnSet:
    """Questions to a shop. Strangers: sentences in other languages, English ones on other matters, and key presses.

    fresh_each: fresh texts of each label. even: whether each template gives equally many of the training texts of its
    label, in turn.
    """
    random = np.random.default_rng((seed, 4))
    chosen = random.permutation(sorted(TEMPLATES))[:labels].tolist()
    train, fresh = [], []
    for name in chosen:
        texts = _texts(TEMPLATES[name], SLOTS, (1 if even else each) + fresh_each, random)
        if even:
            count = each // len(TEMPLATES[name])
            of_each = [_texts((template,), SLOTS, count, random) for template in TEMPLATES[name]]
            texts = [text for row in zip(*of_each, strict=True) for text in row] + texts
            texts = list(dict.fromkeys(texts))
        train += [(text, name) for text in texts[:each]]
        fresh += [(text, name) for text in texts[each:]]
    strangers = {
        "other languages": _texts(FOREIGN, FOREIGN_SLOTS, STRANGERS, random),
        "other English": _texts(ELSEWHERE, ELSEWHERE_SLOTS, STRANGERS, random),
        "key presses": mash(STRANGERS, seed + 1),
    }
    return OwnSet("names-ngrams", train, fresh, strangers)


def names(seed: int, labels: int, each: int, fresh_each: int = FRESH) -> OwnSet:
    """Training names of a few countries. Strangers: names of all other countries, and key presses.

    fresh_each: fresh names of each label. Raises ZooError without the lists.
    """
    random = np.random.default_rng((seed, 7))
    raw = dataset("names", Sources()).read("train", Sources())
    counts = np.bincount(raw.labels)
    chosen = random.permutation(np.flatnonzero(counts >= each + fresh_each))[:labels]
    rows = {label: random.permutation(np.flatnonzero(raw.labels == label)) for label in chosen.tolist()}
    train = [(raw.inputs[row], raw.classes[label]) for label in rows for row in rows[label][:each]]
    fresh = [(raw.inputs[row], raw.classes[label]) for label in rows for row in rows[label][each : each + fresh_each]]
    others = random.permutation(np.flatnonzero(~np.isin(raw.labels, chosen)))[:STRANGERS]
    strangers = {"other names": [raw.inputs[row] for row in others], "key presses": mash(STRANGERS, seed + 1)}
    return OwnSet("names-ngrams", train, fresh, strangers)


SETS: dict[str, Callable[[int, int, int], OwnSet]] = {
    "symbols": symbols,
    "digits": digits,
    "letters": letters,
    "photos": pictures,
    "places": places,
    "tickets": tickets,
    "names": names,
}


def _symbol(random: np.random.Generator) -> list[np.ndarray]:
    """The control points of the strokes of an invented symbol, each (3 or 4, 2), in pixels of the pad."""
    return [random.uniform(0.15, 0.85, (random.integers(2, 5), 2)) * PAD for _ in range(random.integers(2, 5))]


def _drawn(shape: list[np.ndarray], random: np.random.Generator) -> Image.Image:
    """A drawing of a symbol by an unsteady hand: turned, scaled, shifted, every control point moved."""
    angle, scale = np.radians(random.normal(0, 6)), np.exp(random.normal(0, 0.12, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * scale
    moved = [
        (points - PAD / 2 + random.normal(0, 0.03 * PAD, points.shape)) @ turn + PAD / 2 + random.normal(0, 8, 2)
        for points in shape
    ]
    return _image([_smooth(points) for points in moved], float(random.uniform(12, 22)))


def _smooth(points: np.ndarray, count: int = 24) -> np.ndarray:
    """The Bezier curve (count, 2) of control points (N, 2)."""
    t = np.linspace(0, 1, count)[:, None, None]
    level = np.broadcast_to(points, (count, *points.shape))
    while level.shape[1] > 1:
        level = level[:, :-1] * (1 - t) + level[:, 1:] * t
    return level[:, 0]


def _image(strokes: list[np.ndarray], pen: float) -> Image.Image:
    """Strokes as black ink on white paper."""
    ink = draw(segments_of([np.asarray(stroke, np.float64) for stroke in strokes], pen), pen)
    return Image.fromarray(np.round(255 * (1 - ink)).astype(np.uint8))


def _plain_ink(seed: int) -> dict[str, list[Image.Image]]:
    made = scribbles(STRANGERS, seed + 1)
    return {
        "scribbles": [_image(drawing["strokes"], drawing["pen"]) for drawing in made],
        "noise": [Image.fromarray(array) for array in noise(STRANGERS // 2, seed + 1)],
    }


def _photo(x: np.ndarray) -> Image.Image:
    """A photo (3, H, W), saved as JPEG once more."""
    file = io.BytesIO()
    Image.fromarray(x.transpose(1, 2, 0)).save(file, "JPEG", quality=90)
    return Image.open(file).convert("RGB")


def _plain_photos(seed: int) -> list[Image.Image]:
    return [Image.fromarray(array).resize((SIDE, SIDE)) for array in patterns(STRANGERS // 2, seed)]


def _opened(path: Path) -> Image.Image:
    return Image.open(path).convert("RGB")


def _texts(templates: tuple[str, ...], slots: dict[str, str], count: int, random: np.random.Generator) -> list[str]:
    """Different texts made of the templates."""
    choices = {slot: words.split("|") for slot, words in slots.items()}
    texts: dict[str, None] = {}
    for _ in range(100 * count):
        filled = {slot: words[random.integers(len(words))] for slot, words in choices.items()}
        texts[templates[random.integers(len(templates))].format_map(filled)] = None
        if len(texts) == count:
            return list(texts)
    raise ZooError(f"The templates give only {len(texts)} of {count} texts.")


SLOTS = {
    "hi": "Hello, |Hi, |Good morning. |Please help: ||||",
    "bye": " Thanks| Thank you| Please advise| It is urgent| Kind regards||||",
    "thing": "lamp|blue chair|kettle|phone case|bookshelf|pair of shoes|winter coat|garden table|toaster|desk",
    "day": "Monday|Tuesday|Friday|last week|yesterday|two days ago|in March|on the third",
    "sum": "20 euros|49.90|twelve dollars|the full price|15 pounds|a hundred euros",
    "place": "Berlin|my office|Leeds|my parents|the new flat|Dublin|a neighbour|Porto",
}
TEMPLATES = {
    "billing": (
        "{hi}I was charged twice for the {thing}.{bye}",
        "{hi}my invoice shows {sum} too much.{bye}",
        "{hi}why did you take {sum} from my card on {day}?{bye}",
        "{hi}can I pay for the {thing} by bank transfer?{bye}",
        "{hi}I need a receipt for the {thing} that I paid {day}.{bye}",
        "{hi}the discount of {sum} is missing on my bill.{bye}",
        "{hi}my credit card was declined when I paid for the {thing}.{bye}",
    ),
    "shipping": (
        "{hi}my {thing} has not arrived yet.{bye}",
        "{hi}where is the parcel with the {thing} that you sent {day}?{bye}",
        "{hi}can you deliver the {thing} to {place}?{bye}",
        "{hi}the courier left the {thing} at the wrong door.{bye}",
        "{hi}tracking says delivered {day}, but there is no {thing}.{bye}",
        "{hi}how long does delivery to {place} take?{bye}",
        "{hi}please change the delivery address to {place}.{bye}",
    ),
    "account": (
        "{hi}I cannot log in since {day}.{bye}",
        "{hi}how do I reset my password?{bye}",
        "{hi}please delete my account and all my data.{bye}",
        "{hi}I want to change the email address of my profile.{bye}",
        "{hi}the code you sent {day} does not work.{bye}",
        "{hi}my user name is spelled wrong, can you change it?{bye}",
        "{hi}somebody signed in to my account from {place}.{bye}",
    ),
    "returns": (
        "{hi}I want to send the {thing} back.{bye}",
        "{hi}the {thing} is broken, can I exchange it?{bye}",
        "{hi}how do I return a {thing} that does not fit?{bye}",
        "{hi}when do I get my money back for the {thing}?{bye}",
        "{hi}the return label for the {thing} cannot be printed.{bye}",
        "{hi}the {thing} came with a scratch, I do not want it.{bye}",
        "{hi}can I bring the {thing} back to the shop {day}?{bye}",
    ),
}
FOREIGN_SLOTS = {
    "de": "Rechnung|Lampe|Bestellung|Wohnung|Frage|Katze",
    "fr": "facture|lampe|commande|maison|question|voiture",
    "es": "factura|cuenta|casa|pregunta|tarjeta|ventana",
    "it": "fattura|lampada|casa|domanda|finestra|strada",
    "nl": "rekening|bestelling|fiets|vraag|kamer|tafel",
    "pl": "faktura|lampa|sprawa|kawa|ulica|szkoła",
    "sv": "räkning|lampa|fråga|skola|gata|bil",
    "tr": "fatura|lamba|soru|okul|sokak|araba",
}
FOREIGN = (
    "Wo finde ich die {de} von gestern?",
    "Ich habe noch immer keine {de} bekommen.",
    "Können Sie mir bitte bei der {de} helfen?",
    "Je ne trouve plus la {fr} de ma soeur.",
    "Pouvez-vous changer la {fr}, s'il vous plaît ?",
    "Où est la {fr} que vous avez promise ?",
    "No encuentro la {es} en ninguna parte.",
    "Quiero cambiar la {es} de mi hermano.",
    "Non riesco a trovare la {it} di mio padre.",
    "Quando arriva la {it} nuova?",
    "Ik kan de {nl} niet vinden.",
    "Waar is mijn {nl} gebleven?",
    "Gdzie jest moja {pl}?",
    "To jest bardzo ważna {pl} dla nas.",
    "Var är min {sv} någonstans?",
    "Jag har glömt vilken {sv} det var.",
    "Benim {tr} nerede acaba?",
    "Bu {tr} hakkında bilgi istiyorum.",
)
ELSEWHERE_SLOTS = {
    "who": "The king|My grandmother|A young fox|The captain|Nobody|The committee|Her brother",
    "what": "volcano|melody|harvest|theorem|glacier|violin|parliament|galaxy",
    "how": "slowly|without warning|every spring|in silence|against all odds|at dawn",
}
ELSEWHERE = (
    "{who} climbed the {what} {how}.",
    "{who} never understood the {what}.",
    "Mix flour, butter and salt, then fold {how}.",
    "The {what} of the northern coast formed {how}.",
    "{who} wrote three books about one {what}.",
    "A {what} is larger than most people think.",
)
