"""The predictor: a checkpoint with an engine; raw input in, calibrated answer out. Safe to call from many threads."""

import time
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from models import embedding
from models.activations import Activations
from models.belief import Belief
from models.calibration import log_softmax
from models.checkpoint import Checkpoint
from models.embedding import FeatureMap, Features
from models.engines.base import Engine
from models.errors import BadCheckpoint, ZooError
from models.evidence import Evidence, Grid, Names, Spans
from models.prediction import Prediction
from models.processors.base import Stage, TableStage, TextStage
from models.processors.table import Table
from models.processors.tokens import TextProcessor
from models.rewind import Moments, Rewound
from models.what_if import WhatIf

if TYPE_CHECKING:
    from torch import nn

BATCH = {"picture": 16}  # inputs per call of the engine, default 256; bounds the memory of a long batch
POSITIONS = 2**13  # letters or words per call of the engine, padding included; names-gru needs 90 MB for as many


class Predictor:
    """Answers with one model.

    raw: anything that the task's input kind reads, or an input that `read` has returned.
    """

    def __init__(self, checkpoint: Checkpoint, engine: Engine, id: str | None = None):
        self.checkpoint = checkpoint
        self.config = checkpoint.config
        self.task = checkpoint.task
        self.id = id or checkpoint.config.slug
        self.engine = engine
        self.processor = checkpoint.processor
        self.fingerprint = checkpoint.fingerprint
        self._batch = BATCH.get(self.task.input, 256)

    def read(self, raw: Any) -> Any:
        """The canonical input, bounded and checked. Raises BadInput."""
        return self.processor.read(raw)

    def predict(self, raw: Any) -> Prediction:
        """The answer to one input. Raises BadInput if it cannot be read or is blank."""
        start = time.perf_counter()
        canonical = self.read(raw)
        arrays = {name: array[None] for name, array in self.processor.process(canonical).items()}
        logits, familiarity = self._run(arrays)
        probabilities = self.calibrated(logits)[0]
        abstained = not self.answered(arrays, familiarity)[0]
        notes = self.processor.notes(canonical)
        milliseconds = (time.perf_counter() - start) * 1000
        return self._prediction(probabilities, float(familiarity[0]), abstained, notes, milliseconds)

    def predict_batch(self, raws: Sequence[Any]) -> list[Prediction]:
        """The answers to many inputs, equal to those of `predict`; milliseconds is the mean.

        Raises BadInput if any cannot be read.
        """
        answers: list[Prediction] = []
        for first in range(0, len(raws), self._batch):
            start = time.perf_counter()
            canonical = [self.read(raw) for raw in raws[first : first + self._batch]]
            arrays = self.processor.process_batch(canonical)
            logits, familiarity = self.scores(arrays)
            answered = self.answered(arrays, familiarity)
            probabilities = self.calibrated(logits)
            notes = [self.processor.notes(each) for each in canonical]
            milliseconds = (time.perf_counter() - start) * 1000 / len(canonical)
            answers += [
                self._prediction(p, float(f), not a, n, milliseconds)
                for p, f, a, n in zip(probabilities, familiarity, answered, notes, strict=True)
            ]
        return answers

    def explain(self, raw: Any) -> Evidence:
        """The evidence for and against each label; see `Evidence`.

        Some graphs return it; for the others, parts of the input are removed, all in one batch.
        Occlusion after Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks", ECCV 2014.
        """
        canonical = self.read(raw)
        arrays = self.processor.process(canonical)
        if self._gives_evidence:
            return self._given_by_net(arrays, self.processor.places(canonical))
        batch, spots = self._occluded(arrays)
        return self._drops(self.scores(batch)[0], spots, self.processor.places(canonical))

    def rewind(self, raw: Any, evidence: bool = False) -> Rewound:
        """The answers at moments of the training, from before it to the finished model; see `Rewound`.

        evidence: whether to compute the evidence at each moment too. Raises BadCheckpoint for a model without
        snapshots: only small nets have them.
        """
        canonical = self.read(raw)
        arrays, places = self.processor.process(canonical), self.processor.places(canonical)
        single = {name: array[None] for name, array in arrays.items()}
        if not evidence:
            logits = [self._checked(each, 1) for (each,) in self._moments.run(single, ["logits"])]
            found: list[Evidence] = []
        elif self._gives_evidence:
            outputs = self._moments.run(single, ["logits", "evidence"])
            logits = [self._checked(each, 1) for each, _ in outputs]
            found = [self._calibrated_evidence(each, values, places) for each, values in outputs]
        else:
            batch, spots = self._occluded(arrays)
            logits = [self._checked(each, 1 + len(spots)) for (each,) in self._moments.run(batch, ["logits"])]
            found = [self._drops(each, spots, places) for each in logits]
        probabilities = self.calibrated(np.concatenate([each[:1] for each in logits]))
        return Rewound(self._moments.names, self.task.labels, probabilities, tuple(found))

    def belief(self, raw: Any) -> Belief:
        """The probabilities after every letter or word of a text, computed in one batch; see `Belief`."""
        canonical = self.read(raw)
        if not isinstance(self.processor, TextProcessor):
            raise ZooError(f"{self.id} does not read texts.")
        prefixes = self.processor.prefixes(self.processor.process(canonical))
        probabilities = self.calibrated(self.scores(prefixes)[0])
        return Belief(self.task.labels, probabilities, self.processor.places(canonical))

    def what_if(self, raw: Any, name: str, count: int = 41) -> WhatIf:
        """The answers along the range of a field, in one batch; see `WhatIf`. Raises ZooError for an unknown field."""
        canonical = self.read(raw)
        chosen = next((each for each in self.task.fields if each.name == name), None)
        if chosen is None or not isinstance(self.processor, Table):
            raise ZooError(f"{self.id} has no field {name!r:.60}.")
        inputs = self.processor.along(canonical, name, count)
        probabilities = self.calibrated(self.scores(self.processor.process_batch(inputs))[0])
        values = tuple(each.values[name] for each in inputs)
        return WhatIf(chosen, self.task.labels, values, canonical.values[name], probabilities)

    def activations(self, raw: Any) -> list[np.ndarray]:
        """The activations of each layer of a small convolutional net, float32 (channels, rows, columns) each.

        See `models.activations`.
        """
        return self._activations(self.processor.process(self.read(raw)))

    def place(self, raw: Any) -> tuple[float, float]:
        """Where the input lies on the model's map of features; see `models.embedding`. Raises ZooError without one."""
        feature_map, features = self._map
        arrays = {name: array[None] for name, array in self.processor.process(self.read(raw)).items()}
        computed = features(arrays)
        if computed.shape[1:] != feature_map.mean.shape:
            raise BadCheckpoint(f"The map of {self.id} is not of its features; train or pull it again.")
        x, y = feature_map.place(computed)[0].tolist()
        return x, y

    @property
    def feature_map(self) -> FeatureMap:
        """The map of features, without the input. Raises ZooError if the model has none."""
        return self._map[0]

    def torch_module(self) -> "nn.Module":
        """The net as a new `torch.nn.Module` with the trained weights, in evaluation mode, on the CPU.

        It takes the arrays of `processor.process_batch` as tensors and returns (logits, features). Raises ZooError if
        PyTorch is not installed, or if this Zoo defines another net.
        """
        # Optional: it imports torch, which serving does not need.
        from models.engines.torch import module

        return module(self.checkpoint)

    def stages(self, raw: Any) -> Sequence[Stage | TextStage | TableStage]:
        """The steps from the input to the net, as pictures and sentences (`models.processors`)."""
        return self.processor.stages(self.read(raw))

    def calibrated(self, logits: np.ndarray) -> np.ndarray:
        """Probabilities, float64 (N, L), from logits (N, L): softmax at the temperature fitted on validation."""
        return np.exp(self._log_probabilities(logits))

    def scores(self, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Logits (N, L) and familiarity (N,) of a processed batch of any length, in bounded memory; for evaluation."""
        x = next(iter(arrays.values()))
        count, size = len(x), self._batch
        if isinstance(self.processor, TextProcessor):
            size = max(1, min(size, POSITIONS // x.shape[1]))
        parts = [
            self._run({name: array[i : i + size] for name, array in arrays.items()}) for i in range(0, count, size)
        ]
        logits, familiarity = zip(*parts, strict=True)
        return np.concatenate(logits), np.concatenate(familiarity)

    def answered(self, arrays: dict[str, np.ndarray], familiarity: np.ndarray) -> np.ndarray:
        """Whether the model answers each input of a processed batch rather than abstaining, bool (N,).

        It abstains if familiarity (N,) is below the threshold, or if it knows no letter or word of a text.
        """
        familiar = familiarity.astype(np.float64) >= self.config.threshold
        texts = self.processor if isinstance(self.processor, TextProcessor) else None
        return familiar & ~texts.nothing_known(arrays) if texts else familiar

    @property
    def _gives_evidence(self) -> bool:
        """Whether the graph returns the evidence itself."""
        return any(output.name == "evidence" for output in self.config.outputs)

    def _occluded(self, arrays: dict[str, np.ndarray]) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """A batch of the input and, for each part of it, the input without that part; and which parts those are."""
        without, spots = self.processor.occlusions(arrays)
        return {name: np.concatenate([array[None], without[name]]) for name, array in arrays.items()}, spots

    def _drops(self, logits: np.ndarray, spots: np.ndarray, places: Grid | Spans | Names) -> Evidence:
        """Evidence from the logits of `_occluded`, (1 + K, L): how far the score of a label falls without each part."""
        scores = self._log_probabilities(logits)
        values = np.zeros((len(self.task.labels), int(np.prod(places.shape))), np.float32)
        values[:, spots] = (scores[0] - scores[1:]).T
        label = self.task.labels[int(scores[0].argmax())]
        return Evidence(label, self.task.labels, values.reshape(-1, *places.shape), places)

    @cached_property
    def _moments(self) -> Moments:
        return Moments(self.checkpoint)

    @cached_property
    def _map(self) -> tuple[FeatureMap, Features]:
        return embedding.read(self.checkpoint), Features(self.checkpoint)

    @cached_property
    def _activations(self) -> Activations:
        return Activations(self.checkpoint)

    def _given_by_net(self, arrays: dict[str, np.ndarray], places: Grid | Spans | Names) -> Evidence:
        """The evidence that the graph itself returns, as parts of the calibrated scores."""
        outputs = self.engine.run({name: array[None] for name, array in arrays.items()})
        return self._calibrated_evidence(outputs["logits"], outputs["evidence"], places)

    def _calibrated_evidence(self, logits: np.ndarray, values: np.ndarray, places: Grid | Spans | Names) -> Evidence:
        """Evidence from the graph's own values, (1, L, ...)."""
        labels = self.task.labels
        if values.shape != (1, len(labels), *places.shape) or not np.isfinite(values).all():
            raise BadCheckpoint(
                f"{self.id} returns evidence that is NaN or of the wrong shape; train or pull it again."
            )
        return Evidence(
            labels[int(logits[0].argmax())], labels, values[0] / np.float32(self.config.temperature), places
        )

    def _run(self, arrays: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        outputs = self.engine.run(arrays)
        logits, familiarity = outputs["logits"], outputs["familiarity"]
        count = len(next(iter(arrays.values())))
        self._checked(logits, count)
        if familiarity.shape != (count,) or not np.isfinite(familiarity).all():
            raise BadCheckpoint(
                f"{self.id} returns a familiarity that is NaN or of the wrong shape; train or pull it again."
            )
        return logits, familiarity

    def _checked(self, logits: np.ndarray, count: int) -> np.ndarray:
        """The logits of a batch of `count`. Raises BadCheckpoint if they are not finite and (count, L)."""
        if logits.shape != (count, len(self.task.labels)) or not np.isfinite(logits).all():
            raise BadCheckpoint(
                f"{self.id} returns logits that are NaN or of the wrong shape {logits.shape}; train or pull it again."
            )
        return logits

    def _log_probabilities(self, logits: np.ndarray) -> np.ndarray:
        return log_softmax(logits.astype(np.float64) / self.config.temperature)

    def _prediction(
        self,
        probabilities: np.ndarray,
        familiarity: float,
        abstained: bool,
        notes: tuple[str, ...],
        milliseconds: float,
    ) -> Prediction:
        labels = self.task.labels
        order = np.argsort(-probabilities, kind="stable").tolist()
        values = probabilities.tolist()
        best = labels[order[0]]
        return Prediction(
            label=None if abstained else best,
            best=best,
            probabilities={labels[index]: values[index] for index in order},
            abstained=abstained,
            familiarity=familiarity,
            notes=notes,
            milliseconds=milliseconds,
            engine=self.engine.name,
            device=self.engine.device,
            model=self.id,
            task=self.task.slug,
            checkpoint=self.fingerprint,
        )
