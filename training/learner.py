"""The state of a training run, and its training and validation steps.

AdamW, Adam or gradient descent, a learning rate that follows a schedule, and label smoothing. A moving average of the
weights (EMA) is validated and saved, with recomputed batch norm statistics.

With `distil`, the examples have a teacher's features (N, T) as the input `teacher`, and the net's features are trained
to point in the same direction. With `adversarial`, each batch is also trained on with perturbed embedding tables, after
Miyato et al., "Adversarial Training Methods for Semi-Supervised Text Classification", ICLR 2017. There, the
perturbation differs for each text; here, a row of a table moves the same way in all texts of the batch, by a share of
its norm.
"""

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import update_bn

from models.entry import Recipe
from models.errors import ZooError
from models.nets.reader import RecurrentReader
from training.augment import augment, is_identity
from training.batches import Batches
from training.distributed import is_parallel, mean, parallel, share
from training.moving_average import MovingAverage
from training.precision import computing_in, training_type
from training.progress import Progress
from training.schedule import share_of_peak
from training.sgd import SGD
from training.shapes import check_output, explained
from training.torchrun import is_main, rank, size

MEASURED = 2_000  # training examples, at most, on which the accuracy is measured after each epoch


class Learner:
    """The state of one run: net, averaged net, optimizer, random generator, step count and the best epoch so far."""

    def __init__(self, net: nn.Module, batches: Batches, recipe: Recipe, seed: int, device: torch.device):
        torch.manual_seed(seed)  # dropout
        self.generator = torch.Generator(device).manual_seed(seed)  # order of the examples and augmentation
        # Processes that train together draw the same order, but augment each their own examples.
        self.augmentation = torch.Generator(device) if is_parallel() else self.generator
        self.net = net.to(memory_format=torch.channels_last)  # nearly twice as fast for small convolutions on a CPU
        self.dtype = training_type(net, device)  # of the layers in training
        self.average = MovingAverage(net, recipe.ema)
        self.parallel = parallel(self.net, device)  # what is called in training steps
        self.optimizer = _optimizer(net, recipe)
        self.batches, self.recipe, self.seed, self.device = batches, recipe, seed, device
        self.weights: torch.Tensor | None = None  # of the classes in the loss, (L,)
        self.size = min(recipe.batch, len(batches))
        if self.size < size():
            raise ZooError(f"A batch of {self.size} cannot be shared by {size()} processes; use a larger --batch.")
        self.steps_an_epoch = batches.steps(self.size)
        # With a generator of their own: the numbers drawn for the training stay the same.
        count = min(MEASURED, max(MEASURED // 4, len(batches) // 10))  # a pass over photos takes long
        rows = np.random.default_rng(seed).permutation(len(batches))[:count]
        self.measured = torch.from_numpy(rows).to(device)
        self.steps = recipe.epochs * self.steps_an_epoch
        self.step = 0
        self.best: dict[str, torch.Tensor] = {}
        self.best_epoch, self.best_score = 0, (-1.0, 0.0)
        self.tables = tables(net) if recipe.adversarial else []
        self.after_step: Callable[[int], None] = lambda step: None  # called with the number of the batch, from 1
        self.has_batch_norm = any(isinstance(m, nn.modules.batchnorm._BatchNorm) for m in net.modules())

    @property
    def lr(self) -> float:
        """The learning rate of the last step."""
        return self.optimizer.param_groups[0]["lr"]

    def epoch(self, progress: Progress) -> float:
        """One pass over the training examples; returns the mean loss."""
        self.net.train()
        if is_parallel():
            self.parallel.train()
            self._seed_epoch()
        total = torch.zeros((), device=self.device)
        for inputs, labels in self.batches.shuffled(self.size, self.generator, share()):
            loss = self._step(self._augmented(inputs), labels)
            total += loss
            progress.step(loss, self.lr)
        if self.has_batch_norm and is_main():
            update_bn(self._batches_for_batch_norm(), _ByName(self.average))
        return float(mean(total)) / self.steps_an_epoch

    def _seed_epoch(self) -> None:
        """Seed dropout and augmentation of this process, so that a resumed run needs the state of the main one only."""
        seed = int(np.random.SeedSequence([self.seed, self.step, rank()]).generate_state(1)[0])
        torch.manual_seed(seed)
        self.augmentation.manual_seed(seed)

    def _step(self, inputs: dict[str, torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        """One optimizer step on a batch; returns its loss, detached."""
        for group in self.optimizer.param_groups:
            recipe = self.recipe
            group["lr"] = recipe.lr * share_of_peak(self.step, self.steps, recipe.schedule, recipe.warmup)
        loss = self._loss(inputs, labels)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.tables:
            with perturbed(self.tables, self.recipe.adversarial):
                self._loss(inputs, labels).backward()
        self.optimizer.step()
        self.average.update_parameters(self.net)
        self.step += 1
        self.after_step(self.step)
        return loss.detach()

    def _loss(self, inputs: dict[str, torch.Tensor], labels: torch.Tensor) -> torch.Tensor:
        arguments = {name: array for name, array in inputs.items() if name != "teacher"}
        with explained(self.net, arguments), computing_in(self.dtype, self.device):
            output = self.parallel(**arguments)
        if not self.step:
            check_output(output, len(labels), int(self.batches.labels.max()) + 1)
        logits, features = (each.float() for each in output)
        if self.recipe.balance and self.weights is None:
            self.weights = label_weights(self.batches.labels, logits.shape[1], self.recipe.balance)
        loss = F.cross_entropy(logits, labels, self.weights, label_smoothing=self.recipe.label_smoothing)
        if "teacher" in inputs:
            teacher = inputs["teacher"].float()
            loss = loss + self.recipe.distil * (1 - F.cosine_similarity(features, teacher, dim=1)).mean()
        if is_parallel():  # the gradients of shares that may differ by an example are averaged
            loss = loss * (len(labels) * size() / self.size)
        return loss

    def _augmented(self, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        amounts = self.recipe.augment
        if amounts is None or is_identity(amounts):
            return inputs
        return {**inputs, "x": augment(inputs["x"], amounts, self.augmentation)}

    def _batches_for_batch_norm(self, batches: int = 40):
        """Yield augmented batches for the batch norm statistics, drawn with a separate generator."""
        generator = torch.Generator(self.device).manual_seed(0)
        for index, (inputs, _) in enumerate(self.batches.shuffled(self.size, generator)):
            if index == batches:
                return
            yield self._augmented(inputs)

    def is_measured(self, epoch: int, last: int) -> bool:
        """Whether the net is validated after this epoch; it always is after the `last` one."""
        return epoch % self.recipe.val_every == 0 or epoch == last

    def is_out_of_patience(self, rows: list[dict[str, float]]) -> bool:
        """Whether the run ends early: too many validations since the best epoch. rows: the history so far."""
        since = sum("accuracy" in row for row in rows[self.best_epoch :])
        return bool(self.recipe.patience and self.best_epoch and since >= self.recipe.patience)

    @torch.no_grad()
    def validate(self, checks: dict[str, Batches]) -> dict[str, float]:
        """Loss and accuracy of the averaged weights over all validation examples, and accuracy on each data set."""
        if not checks:
            return {}
        self.average.eval()
        figures, loss, correct, count = {}, 0.0, 0, 0
        for name, batches in checks.items():
            correct_here = 0
            for inputs, labels in batches.in_order():
                inputs.pop("teacher", None)
                logits, _ = self.average(**inputs)
                loss += float(F.cross_entropy(logits, labels, reduction="sum"))
                correct_here += int((logits.argmax(dim=1) == labels).sum())
            figures[f"accuracy {name}"] = correct_here / len(batches)
            correct, count = correct + correct_here, count + len(batches)
        return {"validation loss": loss / count, "accuracy": correct / count, **figures}

    @torch.no_grad()
    def train_accuracy(self) -> float:
        """Accuracy of the averaged weights on training examples without augmentation, the same ones in each epoch."""
        self.average.eval()
        correct = 0
        for rows in self.measured.split(self.batches.evaluation_size):
            inputs, labels = self.batches.rows(rows)
            inputs.pop("teacher", None)
            correct += int((self.average(**inputs)[0].argmax(dim=1) == labels).sum())
        return correct / len(self.measured)

    def keep(self, epoch: int, row: dict[str, float]) -> None:
        """Keep the averaged weights if this epoch is the best: higher accuracy, or equal accuracy and no higher loss.

        row: of `validate`. Without validation, or if the recipe does not keep the best epoch, the latest one counts.
        """
        score = (float(epoch), 0.0)
        if self.recipe.keep_best and "accuracy" in row:
            score = (row["accuracy"], -row.get("validation loss", 0.0))
        if score >= self.best_score:
            self.best = copy.deepcopy(self.average.module.state_dict())
            self.best_epoch, self.best_score = epoch, score


class _ByName(nn.Module):
    """Adapts a net that takes its inputs by name to `update_bn`, which passes a single argument."""

    def __init__(self, net: nn.Module):
        super().__init__()
        self.net = net

    def forward(self, inputs: dict[str, torch.Tensor]):
        return self.net(**{name: array for name, array in inputs.items() if name != "teacher"})


def _optimizer(net: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    if recipe.optimizer == "sgd":
        return SGD(net.parameters(), recipe.lr, recipe.momentum)
    if recipe.optimizer == "adam":
        return torch.optim.Adam(net.parameters(), lr=recipe.lr, eps=recipe.eps, fused=True)
    return torch.optim.AdamW(
        net.parameters(), lr=recipe.lr, eps=recipe.eps, weight_decay=recipe.weight_decay, fused=True
    )


def tables(net: nn.Module) -> list[nn.Parameter]:
    """The embedding tables of letters, n-grams or words of `net`. Raises ZooError if it has none."""
    body = net.start() if isinstance(net, RecurrentReader) else net
    weights = [module.weight for module in body.modules() if isinstance(module, nn.Embedding)]
    if not weights:
        raise ZooError("This net has no embeddings that could be perturbed; omit --adversarial.")
    return weights


@contextmanager
def perturbed(tables: Sequence[nn.Parameter], share: float) -> Iterator[None]:
    """A context in which each row of the tables (R, D) is moved along its gradient by `share` of the row's norm."""
    before = [table.detach().clone() for table in tables]
    with torch.no_grad():
        for table in tables:
            table += share * table.norm(dim=1, keepdim=True) * F.normalize(table.grad, dim=1)
    try:
        yield
    finally:
        with torch.no_grad():
            for table, rows in zip(tables, before, strict=True):
                table.copy_(rows)


def label_weights(labels: torch.Tensor, classes: int, balance: float) -> torch.Tensor:
    """Weights of the classes, (L,): counts in `labels` (N,) to the power of -balance, with a mean of 1 per example."""
    counts = torch.bincount(labels, minlength=classes).clamp_min(1).float()
    weights = counts**-balance
    return weights * (counts.sum() / (counts * weights).sum())
