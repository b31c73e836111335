"""A shape error in one's own net names the layer, the shape of its input, and what it expects."""

import pytest
import torch
from torch import nn

from models.entry import Recipe
from tests.training.test_fit import _bars
from training.fit import fit
from training.shapes import BadNet, check_output, explained

RECIPE = Recipe(datasets=("none",), epochs=1, batch=32, augment=None)


class Own(nn.Module):
    """A net as one writes it: a body on images (N, 1, 8, 8), and two logits."""

    def __init__(self, *body: nn.Module, first=lambda x: x):
        super().__init__()
        self.body, self.first = nn.Sequential(*body), first

    def forward(self, x):
        features = self.body(self.first(x))
        return features, features


def as_text(x):
    return x[:, 0]  # (N, 8, 8)


CASES = {
    "linear": (Own(nn.Flatten(), nn.Linear(784, 2)), "body.1 (Linear) gets an input of shape (32, 64)", "(N, 784)"),
    "linear on rows": (Own(nn.Linear(9, 2)), "body.0 (Linear) gets an input of shape (32, 1, 8, 8)", "(..., 9)"),
    "convolution": (Own(nn.Conv2d(1, 4, 3), nn.Conv2d(3, 4, 3)), "body.1 (Conv2d) gets an input of shape (32, 4, 6, 6)",
                    "(N, 3, H, W)"),
    "large kernel": (Own(nn.Conv2d(1, 4, 9)), "body.0 (Conv2d) gets an input of shape (32, 1, 8, 8)",
                     "(N, 1, H, W) with H at least 9 and W at least 9"),
    "large kernel with padding": (Own(nn.Conv2d(1, 4, (9, 13), padding=(0, 1))),
                                  "body.0 (Conv2d) gets an input of shape (32, 1, 8, 8)",
                                  "(N, 1, H, W) with H at least 9 and W at least 11"),
    "dilated kernel": (Own(nn.Conv2d(1, 4, 3, dilation=5, padding=1)),
                       "body.0 (Conv2d) gets an input of shape (32, 1, 8, 8)",
                       "(N, 1, H, W) with H at least 9 and W at least 9"),
    "long kernel": (Own(nn.Conv1d(8, 2, 12, padding=1), first=as_text),
                    "body.0 (Conv1d) gets an input of shape (32, 8, 8)", "(N, 8, L) with L at least 10"),
    "flat convolution": (Own(nn.Flatten(), nn.Conv1d(1, 2, 3)), "body.1 (Conv1d) gets an input of shape (32, 64)",
                         "(N, 1, L)"),
    "gru": (Own(nn.GRU(5, 7, batch_first=True), first=as_text), "body.0 (GRU) gets an input of shape (32, 8, 8)",
            "(N, T, 5)"),
    "lstm": (Own(nn.LSTM(5, 7), first=as_text), "body.0 (LSTM) gets an input of shape (32, 8, 8)", "(T, N, 5)"),
    "batch norm": (Own(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(6)),
                   "body.1 (BatchNorm2d) gets an input of shape (32, 4, 6, 6)",
                   "(N, 6, H, W)"),
    "flat batch norm": (Own(nn.Flatten(), nn.BatchNorm2d(64)), "body.1 (BatchNorm2d) gets an input of shape (32, 64)",
                        "(N, 64, H, W)"),
    "batch norm of vectors": (Own(nn.Flatten(), nn.BatchNorm1d(10)),
                              "body.1 (BatchNorm1d) gets an input of shape (32, 64)",
                              "(N, 10)"),
    "layer norm": (Own(nn.LayerNorm([9])), "body.0 (LayerNorm) gets an input of shape (32, 1, 8, 8)", "(..., 9)"),
    "embedding": (Own(nn.Embedding(5, 3), first=lambda x: torch.full((len(x), 4), 7)),
                  "body.0 (Embedding) gets an input of shape (32, 4) and type int64", "whole numbers from 0 to 4"),
    "nested": (Own(nn.Sequential(nn.Flatten(), nn.Sequential(nn.Linear(64, 5), nn.ReLU(), nn.Linear(6, 2)))),
               "body.0.1.2 (Linear) gets an input of shape (32, 5)", "(N, 6)"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_layer_its_input_and_what_it_expects_are_named(case, tmp_path):
    net, got, expected = CASES[case]
    with pytest.raises(BadNet) as caught:
        fit(net, _bars(64), None, RECIPE, folder=tmp_path)
    assert str(caught.value) == f"The layer {got}, but expects {expected}."
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in net.modules())


OTHER_FAILURES = {
    "convolution": (nn.Conv2d(1, 4, 3), "Conv2d", lambda x: x.double(), "(32, 1, 8, 8) and type float64: Input type"),
    "padding": (nn.Conv2d(1, 4, 3, padding=9, padding_mode="reflect"), "Conv2d", lambda x: x,
                "(32, 1, 8, 8): Argument #4: Padding size"),
    "transposed convolution": (nn.ConvTranspose2d(1, 4, 3), "ConvTranspose2d", lambda x: x.double(),
                               "(32, 1, 8, 8) and type float64: "),
    "linear": (nn.Linear(8, 2), "Linear", lambda x: x.long(), "(32, 1, 8, 8) and type int64: "),
    "gru": (nn.GRU(8, 2), "GRU", lambda x: as_text(x).double(), "(32, 8, 8) and type float64: "),
    "batch norm": (nn.BatchNorm2d(1), "BatchNorm2d", lambda x: x.long(), "(32, 1, 8, 8) and type int64: "),
    "layer norm": (nn.LayerNorm([8]), "LayerNorm", lambda x: x.double(), "(32, 1, 8, 8) and type float64: "),
}  # fmt: skip


@pytest.mark.parametrize("case", OTHER_FAILURES)
def test_a_layer_that_fails_on_an_input_of_the_right_shape_gives_its_own_reason(case, tmp_path):
    layer, kind, first, words = OTHER_FAILURES[case]
    with pytest.raises(BadNet) as caught:
        fit(Own(layer, first=first), _bars(64), None, RECIPE, folder=tmp_path)
    assert str(caught.value).startswith(f"The net fails in body.0 ({kind}), with an input of shape {words}")


def test_an_error_between_the_layers_names_the_module(tmp_path):
    class Reshaped(nn.Module):
        def forward(self, x):
            return x.view(len(x), 63)

    with pytest.raises(
        BadNet, match=r"The net fails in body\.1 \(Reshaped\), with an input of shape \(32, 1, 8, 8\): "
    ):
        fit(Own(nn.Linear(8, 8), Reshaped()), _bars(64), None, RECIPE, folder=tmp_path)


def test_a_net_of_other_arguments_keeps_its_error(tmp_path):
    class Other(Own):
        def forward(self, picture):
            return super().forward(picture)

    with pytest.raises((BadNet, TypeError), match="unexpected keyword argument 'x'"):
        fit(Other(nn.Flatten(), nn.Linear(64, 2)), _bars(64), None, RECIPE, folder=tmp_path)


@pytest.mark.parametrize(
    "output, words",
    [
        (torch.zeros(8, 2), "The net returns a Tensor; return a tuple of logits"),
        ((torch.zeros(8, 2),), "returns a tuple of 1;"),
        ((torch.zeros(8, 2), 3), "returns a tuple of 2;"),
        ((torch.zeros(8, 2, 1), torch.zeros(8, 4)), r"have shape \(8, 2, 1\); expected \(8, 3\)"),
        ((torch.zeros(8), torch.zeros(8, 4)), r"have shape \(8,\); expected"),
        ((torch.zeros(8, 2), torch.zeros(8, 4)), r"have shape \(8, 2\); expected \(8, 3\)"),
    ],
)
def test_what_a_net_returns_is_checked(output, words):
    with pytest.raises(BadNet, match=words):
        check_output(output, 8, 3)


def test_too_few_logits_are_reported_before_the_loss(tmp_path):
    with pytest.raises(BadNet, match=r"The logits of the net have shape \(32, 1\); expected \(32, 2\)"):
        fit(Own(nn.Flatten(), nn.Linear(64, 1)), _bars(64), None, RECIPE, folder=tmp_path)


def test_an_error_that_does_not_come_again_is_raised_as_it_is():
    with pytest.raises(ValueError, match="of something else"), explained(Own(nn.Flatten()), {"x": torch.zeros(2, 1)}):
        raise ValueError("of something else")
