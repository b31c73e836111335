"""Near duplicates share a group; other inputs do not."""

import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from training.custom import folder, table
from training.custom.item import Item
from training.custom.near_duplicates import groups
from training.data import near_duplicates
from training.data.near_duplicates import linked


def saved_again(path, name: str):
    """A copy at three quarters of the size, as JPEG."""
    image = Image.open(path)
    smaller = image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS)
    smaller.save(path.with_name(name), "JPEG", quality=70)


def test_a_picture_saved_again_is_a_near_duplicate(drawn):
    drawings = drawn(ring=12)
    saved_again(drawings / "ring" / "3.png", "zz.jpg")
    group = groups(folder.items_in(drawings)[0], "ink")  # in order of name: 0, 1, 10, 11, 2, 3, ..., zz
    assert group[-1] == group[5] and len(np.unique(group)) == 12


def test_transparent_and_white_paper_are_near_duplicates(drawn):
    drawings = drawn(ring=3)
    grey = np.asarray(Image.open(drawings / "ring" / "0.png"))
    clear = np.dstack([np.zeros_like(grey), 255 - grey])  # black ink on a transparent background
    Image.fromarray(clear, "LA").save(drawings / "ring" / "zz.png")
    group = groups(folder.items_in(drawings)[0], "ink")
    assert group[3] == group[0] and len(np.unique(group)) == 3


def test_drawings_of_a_plain_line_are_compared_by_file(tmp_path):
    (tmp_path / "bar").mkdir()
    for number in range(6):
        image = np.full((64, 64), 255, np.uint8)
        image[10 : 50 + number % 3, 30:34] = 0
        Image.fromarray(image).save(tmp_path / "bar" / f"{number}.png")
    group = groups(folder.items_in(tmp_path)[0], "ink")
    assert len(np.unique(group)) == 3 and (group[:3] == group[3:]).all()


def test_a_single_stroke_turned_by_a_few_degrees_is_a_near_duplicate_and_other_strokes_are_not(tmp_path):
    """Any two strokes can be mapped onto each other, and turned ones look more like others than like themselves."""
    (tmp_path / "one").mkdir()
    random = np.random.default_rng(0)
    for number in range(16):
        image = Image.new("L", (160, 160), 255)
        down = np.linspace(-1, 1, 30)
        bend, hook, slant = random.uniform([-9, 8, -12], [9, 16, 12])
        if number < 3:
            bend = hook = 0  # a straight line
        across = 80 + bend * down**2 + slant * down - hook * (down < -0.75) * (-0.75 - down) * 4
        points = list(zip(across, 80 + 55 * down, strict=True))
        ImageDraw.Draw(image).line(points, fill=0, width=int(random.integers(5, 9)), joint="curve")
        image.save(tmp_path / "one" / f"{number:02}.png")
        if number < 6:
            turned = image.rotate((-1) ** number * random.uniform(3, 5), Image.Resampling.BICUBIC, fillcolor=255)
            turned.save(tmp_path / "one" / f"{number:02}-turned.jpg", quality=85)
    items = folder.items_in(tmp_path)[0]
    names, group = [item.name for item in items], groups(items, "ink")
    of = {name.split("/")[-1]: group[number] for number, name in enumerate(names)}
    assert all(of[f"{number:02}.png"] == of[f"{number:02}-turned.jpg"] for number in range(6))
    assert len({of[f"{number:02}.png"] for number in range(16)}) >= 14


def test_resized_photos_are_near_duplicates(tmp_path):
    from sklearn.datasets import load_sample_image

    (tmp_path / "photos").mkdir()
    photo = Image.fromarray(load_sample_image("china.jpg"))
    photo.save(tmp_path / "photos" / "a.jpg")
    photo.crop((6, 4, 634, 423)).save(tmp_path / "photos" / "b.jpg", quality=40)  # like the next photo of a burst
    Image.fromarray(load_sample_image("flower.jpg")).save(tmp_path / "photos" / "c.jpg")
    group = groups(folder.items_in(tmp_path)[0], "picture")
    assert group[0] == group[1] != group[2]


def test_texts_are_compared_without_case_and_spaces(written):
    items, _, _ = table.items_in(written("text,label", "New York,a", "new  york,a", "York,a"))
    group = groups(items, "text")
    assert group[0] == group[1] != group[2]


def test_thousands_of_duplicates_fit_into_memory():
    prints = np.full((6_000, 256), 1 / 16, np.float32)
    prints[1_000], prints[5_000] = np.eye(2, 256, dtype=np.float32)
    tracemalloc.start()
    group = linked(prints, np.arange(6_000), 0.9)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**29 and len(np.unique(group)) == 3 and (group == group[0]).sum() == 5_998


def test_chains_link_across_blocks(monkeypatch):
    monkeypatch.setattr(near_duplicates, "BLOCK", 2)
    angles = np.array([0.0, 2.0, 0.4, 1.6, 0.8, 1.2])  # each within 0.4 of the next in order
    prints = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert len(np.unique(linked(prints, np.arange(6), np.cos(0.41)))) == 1
    assert len(np.unique(linked(prints, np.arange(6), np.cos(0.39)))) == 6
    assert len(np.unique(linked(prints, np.array([0, 1, 2, 3, 4, 0]), np.cos(0.39)))) == 5


def test_a_uniform_grey_image_has_no_duplicates(tmp_path):
    (tmp_path / "grey").mkdir()
    for value in (50, 100, 200):
        content = io.BytesIO()
        Image.new("L", (32, 32), value).save(content, "PNG")
        (tmp_path / "grey" / f"{value}.png").write_bytes(content.getvalue())
    assert len(np.unique(groups(folder.items_in(tmp_path)[0], "ink"))) == 3


def scene(random: np.random.Generator) -> Image.Image:
    """Return a picture of twenty random shapes on a gradient."""
    image = Image.linear_gradient("L").resize((200, 160)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(20):
        x, y, w, h = (random.integers(0, 140), random.integers(0, 110), *random.integers(10, 60, 2))
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape([x, y, x + w, y + h], fill=tuple(random.integers(0, 256, 3).tolist()))
    return image


def scribble(random: np.random.Generator) -> Image.Image:
    """Return a drawing of a random line."""
    image = Image.new("RGB", (160, 160), "white")
    points = [tuple(point) for point in random.integers(40, 120, (6, 2)).tolist()]
    ImageDraw.Draw(image).line(points, fill="black", width=7, joint="curve")
    return image


COPIES = {
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "quarter turn": lambda image: image.transpose(Image.Transpose.ROTATE_90),
    "turned": lambda image: image.rotate(4, Image.Resampling.BICUBIC, fillcolor="white"),
    "turned the other way": lambda image: image.rotate(-5, Image.Resampling.BICUBIC, expand=True, fillcolor="white"),
    "cropped": lambda image: image.crop((10, 13, image.width - 5, image.height)),
    "cropped all round": lambda image: image.crop((9, 9, image.width - 9, image.height - 9)),
    "shifted": lambda image: ImageChops.offset(image, 9, 0).crop((9, 0, image.width, image.height)),
    "rescaled": lambda image: image.resize((image.width * 2 // 3, image.height * 2 // 3)),
}


@pytest.mark.parametrize("kind, original", [("picture", scene), ("ink", scribble)])
def test_copies_are_grouped_with_their_original_and_others_stand_apart(tmp_path, kind, original):
    random, items = np.random.default_rng(0), []
    for number in range(6):
        image = original(random)
        for name, copied in {"original": lambda image: image, **COPIES}.items():
            file = tmp_path / f"{number}-{name}.png"
            copied(image).save(file)
            items.append(Item(file, "label", file.name, file.name))
    group = groups(items, kind).reshape(6, 1 + len(COPIES))
    assert (group == group[:, :1]).all() and len(np.unique(group)) == 6
