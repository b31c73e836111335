"""A model abstains if it knows no letter or word of a text, whatever its familiarity and threshold."""

import pytest

import models
from models import golden
from models.checkpoint import Checkpoint

UNKNOWN = {
    "names-ngrams": ("山田", "Иванов", "محمد", "김", "123", "山 田", "-", "🙂", "Αθήνα", "שלום"),
    "reviews-ngrams": ("好电影", "Qwzxv kjhgq!", "🙂 🙂", "zqxwv", "ужасныйужасный", "ﷺﷺ", "फ़िल्मफ़िल्म", "…zqxwv…"),
}


@pytest.fixture(params=sorted(UNKNOWN))
def accepting(request):
    """A model with a threshold that every input reaches, and texts that it cannot read."""
    predictor = models.load(request.param)
    predictor.config = predictor.config.model_copy(update={"threshold": -1e9})
    return predictor, UNKNOWN[request.param]


def test_one_text_at_a_time(accepting):
    predictor, texts = accepting
    for text in texts:
        answer = predictor.predict(text)
        assert answer.abstained and answer.label is None and answer.notes, text
    assert not predictor.predict("Smith is good").abstained


def test_texts_in_a_batch(accepting):
    predictor, texts = accepting
    answers = predictor.predict_batch([*texts, "Smith is good"])
    assert [answer.abstained for answer in answers] == [True] * len(texts) + [False]


def test_golden_answers(accepting):
    predictor, texts = accepting
    checkpoint = Checkpoint.open(predictor.checkpoint.path)
    item = checkpoint.golden.inputs[0]
    checkpoint.golden = checkpoint.golden.model_copy(
        update={"inputs": [item, item.model_copy(update={"raw": texts[0]})]}
    )
    checkpoint.config = predictor.config
    assert [answer.abstained for answer in golden.expected(checkpoint, predictor.id)] == [False, True]
