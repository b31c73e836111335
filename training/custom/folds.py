"""Which examples are trained on, validated on and tested on.

Five fifths of every label, and a round for each to be the test part.

Near duplicates stay together. In every round each label is in train and in validation; over all rounds each example is
tested once. The first round is the split that a model is made by; the others cross-validate it.
"""

import numpy as np

FOLDS = 5


def folds(labels: np.ndarray, groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """The fold of each example, (N,), 0 up to FOLDS - 1; labels and groups (N,), a group being of one label.

    A label's groups are drawn by `seed`, then the largest come first, each into the fold that has least of the label. A
    label of k < FOLDS groups has k folds.
    """
    random = np.random.default_rng(seed)
    found = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        _, members, sizes = np.unique(groups[labels == label], return_inverse=True, return_counts=True)
        order = random.permutation(len(sizes))
        filled = np.zeros(min(FOLDS, len(sizes)), np.int64)
        fold = np.zeros(len(sizes), np.int64)
        for group in order[np.argsort(-sizes[order], kind="stable")]:
            fold[group] = len(filled) - 1 - filled[::-1].argmin()  # the last first: what is over goes to train
            filled[fold[group]] += sizes[group]
        found[labels == label] = fold[members]
    return found


def rows_of(split: str, round: int, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """The examples of a split in a round, ascending.

    A label of fewer folds than there are rounds is not tested in the last ones.
    """
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        of_label = labels == label
        count = int(folds[of_label].max()) + 1
        held_out = {"test": folds == round, "validation": folds == (round + 1) % count}
        held_out["train"] = ~(held_out["test"] | held_out["validation"])
        chosen |= of_label & held_out[split]
    return np.flatnonzero(chosen)
