"""Splits examples into training, validation and test sets.

Each label is divided into five folds, and in each round another fold is the test set. Near duplicates stay in one fold.
In every round, each label has training and validation examples; over all rounds, each example is tested once. Round 0
is the split a model is trained on; the others are for cross-validation.

A few examples more or less hardly change the split: examples are divided in their order, which depends on their
contents. Otherwise, the models of nearly identical sets would learn from other examples and differ by several points.
"""

import numpy as np

FOLDS = 5


def folds(labels: np.ndarray, groups: np.ndarray, seed: int = 0) -> np.ndarray:
    """The fold of each example, int64 (N,), from 0 to FOLDS - 1.

    labels, groups: (N,); the examples of a group share a label and stay in one fold.

    The groups of a label with several examples are shuffled with `seed` and placed from the largest to the smallest,
    each into the fold with the fewest examples of the label. The other examples fill the folds one after another, in
    the order they are in. A label with k < FOLDS groups has k folds.
    """
    random = np.random.default_rng(seed)
    assigned = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        _, members, sizes = np.unique(groups[labels == label], return_inverse=True, return_counts=True)
        order = random.permutation(len(sizes))
        filled = np.zeros(min(FOLDS, len(sizes)), np.int64)
        fold = np.zeros(len(sizes), np.int64)
        placed = []
        for group in order[np.argsort(-sizes[order], kind="stable")]:
            fold[group] = (
                len(filled) - 1 - filled[::-1].argmin()
            )  # the last of equals, so that extra examples go to training
            filled[fold[group]] += sizes[group]
            placed += [fold[group]] if sizes[group] == 1 else []
        _, first = np.unique(members, return_index=True)
        alone = np.flatnonzero(sizes == 1)
        fold[alone[np.argsort(first[alone])]] = np.sort(placed)
        assigned[labels == label] = fold[members]
    return assigned


def rows_of(split: str, round: int, labels: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """The indices of the examples of a split in a round, ascending.

    A label with fewer folds than there are rounds is not tested in the last rounds.
    """
    chosen = np.zeros(len(labels), bool)
    for label in np.unique(labels):
        of_label = labels == label
        count = int(folds[of_label].max()) + 1
        held_out = {"test": folds == round, "validation": folds == (round + 1) % count}
        held_out["train"] = ~(held_out["test"] | held_out["validation"])
        chosen |= of_label & held_out[split]
    return np.flatnonzero(chosen)
