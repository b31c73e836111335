"""The words of the field that the pages use, each in a sentence: folded away at a page's foot, where a phone too can open it."""

from html import escape

import streamlit as st

WORDS = {
    "Model, net": "A small program that was not written but learnt from examples: a few thousand to a few million numbers, and sums made of them.",
    "Numbers in it": "Those that it learnt (its parameters). More of them can hold more, and take longer.",
    "MLP, CNN, ResNet, EfficientNet": "Kinds of nets for pictures. An MLP looks at all dots at once; the others look for small shapes first, then for shapes made of shapes.",
    "RNN, LSTM, GRU": "Kinds of nets that read one letter or word after the other and remember; LSTM and GRU learn what to keep in mind.",
    "n-grams": "Letters or words that follow each other, a few at a time; the simplest models only count them.",
    "None of these": "What a model says of something unlike all that it learnt from. The bars then show how it would share its belief out if it had to choose.",
    "Very likely 848 to 865 of any 1,000": "Its 95% interval: the test was a sample, and on other inputs of the same kind it would be right about so often.",
    "Test set, validation part": "Examples that the model never learnt from. By the validation part its makers chose how to train it; the test set was kept for the figures.",
    "Epoch, seed": "An epoch is one pass over all examples in training. A seed is the number from which all that is random begins; with another one a slightly different model comes out.",
    "Checkpoint": "The files of a trained model: its numbers, how its input is prepared, and its record.",
    "ONNX Runtime, PyTorch": "Two programs that do a model\u2019s sums; the answers are the same.",
    "CPU": "The main processor of the computer that this site runs on.",
}


def glossary() -> None:
    """The words, folded away."""
    rows = "".join(f"<dt>{escape(word)}</dt><dd>{escape(meaning)}</dd>" for word, meaning in WORDS.items())
    st.html(f'<details class="zoo-words"><summary>Words used here</summary><dl>{rows}</dl></details>')
