"""The technical terms that the pages use, each with a short explanation, in a collapsed list at the end of a page."""

import streamlit as st

from app.hub.markup import escape

TERMS = {
    "Model, network": "A program that learned from examples instead of being written by hand. It turns an input into a "
    "probability for each label.",
    "Parameters": "The numbers that a model learned in training. A model with more parameters can learn more and "
    "takes longer to answer.",
    "Label": "One of the possible answers of a task, such as one of the ten digits.",
    "MLP, CNN, ResNet, EfficientNet": "Kinds of networks for images. An MLP looks at all pixels at once; the others "
    "look for small patterns, then for combinations of them.",
    "RNN, LSTM, GRU": "Kinds of networks that read one letter or word after another and remember what they read. An "
    "LSTM or GRU learns what to remember.",
    "n-grams": "Groups of two, three or more letters or words in a row. The simplest models add up a score for "
    "each group.",
    "None of these": "The model's answer when an input is unlike everything it was trained on. The bars then show "
    "the probabilities of its labels as if it had to choose one.",
    "95% interval": "The test set is only a sample. On other inputs of the same kind, the true accuracy lies in this "
    "range with 95% confidence.",
    "Guessing": "The accuracy of choosing a label at random; a useful model is far above it.",
    "Recall, precision": "Recall: of all inputs with a label, how many the model got right. Precision: of all "
    "answers with a label, how many are right.",
    "Training, validation and test data": "A model learns from the training data. Its settings are chosen on the "
    "validation data. The test data is used only to measure the finished model.",
    "Epoch, batch, seed": "An epoch is one pass over the training data, in batches: groups of examples after each of "
    "which the parameters are changed. A seed sets the random numbers of a training run; "
    "another seed gives a slightly different model.",
    "Checkpoint": "The files of a trained model: its parameters, how its input is prepared, and its test results.",
    "ONNX Runtime, PyTorch": "Two engines that compute a model's answers. The answers are the same.",
    "CPU": "The main processor of the computer that runs this site.",
}


def glossary() -> None:
    """Draw the collapsed list."""
    rows = "".join(f"<dt>{escape(term)}</dt><dd>{escape(meaning)}</dd>" for term, meaning in TERMS.items())
    st.html(f'<details class="zoo-words"><summary>Glossary</summary><dl>{rows}</dl></details>')
