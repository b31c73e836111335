"""Rewinding: the answer of a small net at moments of its training, with a slider.

All moments are computed once for an input, which takes a few milliseconds, and sent together, so that the slider moves
without the server. The evidence at all moments takes longer; it is computed when the slider is first moved while
"Why?" is on.
"""

from collections import OrderedDict
from dataclasses import replace
from typing import Any

import numpy as np
import streamlit as st

from app.hub import inputs, phrases
from app.hub.answers import ask
from app.hub.answers.answer import block, labels_shown
from app.hub.answers.ask import Answer
from app.hub.answers.blind_vote import Appearance
from app.hub.components.rewind import rewind as slider
from app.hub.markup import bold
from app.sentences import answer as answer_sentence
from models.prediction import Prediction
from models.rewind import Rewound
from models.task import Task

CACHE = "rewound"  # of this visit: (model, checkpoint, input, with evidence) -> Rewound
CACHED = 6
EVIDENCE = "rewind-evidence"  # model id -> the id of the input whose evidence at all moments was asked for
HINT = "The model might have given no answer at this moment either: what counts as unfamiliar is fitted after training."


def column(task: Task, answer: Answer, appearance: Appearance, raw: Any, input_id: str, reading: str, why: str) -> None:
    """Draw an answer with the slider. why: the label whose evidence is shown on the input, empty if none is."""
    id = answer.model.id
    wants_evidence = bool(why) and st.session_state.get(EVIDENCE, {}).get(id) == input_id
    rewound = _rewound(answer, raw, input_id, wants_evidence)
    labels = labels_shown(task, answer.prediction)
    predictions = [*(_prediction(answer.prediction, rewound, i) for i in range(len(rewound.moments) - 1))]
    frames = [_frame(task, prediction, labels) for prediction in [*predictions, answer.prediction]]

    def ask_evidence(input: str) -> None:
        st.session_state[EVIDENCE] = {**st.session_state.get(EVIDENCE, {}), id: input}

    slider(
        {
            "model": id,
            "html": block(task, answer, appearance, reading, labels),
            "moments": list(rewound.moments),
            "frames": frames,
            "input": input_id,
            "why": f"{input_id} {why}" if why else "",
            "evidence": _overlays(task, rewound, why) if wants_evidence else None,
            "hint": HINT,
        },
        f"rewind-{id}",
        ask_evidence,
    )


def _rewound(answer: Answer, raw: Any, input_id: str, evidence: bool) -> Rewound:
    """The moments of an input, from this visit's cache if they were computed before."""
    cache: OrderedDict[Any, Rewound] = st.session_state.setdefault(CACHE, OrderedDict())
    key = answer.model.id, answer.prediction.checkpoint, input_id, evidence
    if key not in cache:
        cache[key] = ask.rewind(answer.model, raw, evidence)
    cache.move_to_end(key)
    while len(cache) > CACHED:
        cache.popitem(last=False)
    return cache[key]


def _prediction(finished: Prediction, rewound: Rewound, moment: int) -> Prediction:
    """The prediction at a moment before the end; it never abstains."""
    shares = rewound.probabilities[moment].tolist()
    order = np.argsort(-rewound.probabilities[moment], kind="stable").tolist()
    ranked = {rewound.labels[i]: shares[i] for i in order}
    best = rewound.labels[order[0]]
    return replace(finished, label=best, best=best, probabilities=ranked, abstained=False)


def _frame(task: Task, prediction: Prediction, labels: list[str]) -> dict[str, Any]:
    """What changes from moment to moment: the sentence, how sure it is, and the bars."""
    shares = [prediction.probabilities[label] for label in labels]
    return {
        "says": bold(answer_sentence(prediction, task)),
        "sure": bold(phrases.sureness(prediction, task)),
        "none": prediction.abstained,
        "shares": [[f"{100 * share:.1f}%", phrases.percent(share)] for share in shares],
    }


def _overlays(task: Task, rewound: Rewound, label: str) -> list[dict[str, Any]]:
    """What is drawn over the input at each moment, on the scale of the finished model: weak evidence is faint."""
    strongest = float(np.abs(rewound.evidence[-1].of(label)).max())
    kind = inputs.kind(task)
    return [kind.overlaid(task, each, label, strongest) for each in rewound.evidence]
