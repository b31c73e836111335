"""Recurrent nets for sequences of any length, written so that they can be exported to ONNX.

There is one `nn.RNN`, `nn.LSTM` or `nn.GRU` per layer and direction. The backward direction reads each row reversed
within its own length, by a gather, so that padding never comes before a letter.

Sizes: N inputs, T positions, D input dimensions, H dimensions per direction.
"""

import torch
from torch import Tensor, nn


class PlainRNN(nn.RNN):
    """torch's plain RNN, exported as the ONNX operator RNN.

    The exporter supports only GRU and LSTM and would unroll it over a fixed length.
    """

    def forward(self, x: Tensor) -> tuple[Tensor, None]:
        if not torch.onnx.is_in_onnx_export():
            return super().forward(x)[0], None
        inputs = (
            x.transpose(0, 1),  # (T, N, D)
            self.weight_ih_l0[None],
            self.weight_hh_l0[None],
            torch.cat([self.bias_ih_l0, self.bias_hh_l0])[None],
        )
        shape = (x.shape[1], 1, x.shape[0], self.hidden_size)
        y = torch.onnx.ops.symbolic(
            "RNN", inputs, {"hidden_size": self.hidden_size}, dtype=x.dtype, shape=shape, version=18
        )
        return y[:, 0].transpose(0, 1), None  # (N, T, H)


CELLS = {"rnn": PlainRNN, "lstm": nn.LSTM, "gru": nn.GRU}


class Both(nn.Module):
    """One bidirectional layer: (N, T, D) -> (N, T, 2 H). mirror: the indices (N, T) that reverse each row."""

    def __init__(self, cell: str, inputs: int, hidden: int):
        super().__init__()
        self.onward = CELLS[cell](inputs, hidden, batch_first=True)
        self.back = CELLS[cell](inputs, hidden, batch_first=True)

    def forward(self, x: Tensor, mirror: Tensor) -> Tensor:
        onward, _ = self.onward(x)
        back, _ = self.back(_reordered(x, mirror))
        return torch.cat([onward, _reordered(back, mirror)], dim=2)


class Recurrent(nn.Module):
    """Layers of `Both` with dropout before each, then maximum and mean over the positions: (N, T, D) -> (N, 4 H).

    first: the dropout before the first layer (default: as for the others).
    """

    def __init__(
        self, cell: str, inputs: int, hidden: int, layers: int = 2, dropout: float = 0.5, first: float | None = None
    ):
        super().__init__()
        self.layers = nn.ModuleList(Both(cell, inputs if i == 0 else 2 * hidden, hidden) for i in range(layers))
        self.first = nn.Dropout(dropout if first is None else first)
        self.dropout = nn.Dropout(dropout)
        self.size = 4 * hidden

    def forward(self, x: Tensor, lengths: Tensor) -> Tensor:
        place = torch.arange(x.shape[1], device=x.device)[None, :]  # (1, T)
        inside = place < lengths[:, None]  # (N, T)
        mirror = torch.where(inside, lengths[:, None] - 1 - place, place)  # (N, T), its own inverse
        for i, layer in enumerate(self.layers):
            x = layer(self.dropout(x) if i else self.first(x), mirror)  # (N, T, 2 H)
        mask = inside[:, :, None]
        largest = torch.where(mask, x, -1.0).amax(dim=1)  # the states lie between -1 and 1
        mean = torch.where(mask, x, 0.0).sum(dim=1) / lengths[:, None]
        return torch.cat([largest, mean], dim=1)


def _reordered(x: Tensor, places: Tensor) -> Tensor:
    """The positions of each row in the order of `places` (N, T): (N, T, D) -> (N, T, D)."""
    return torch.gather(x, 1, places[:, :, None].expand(-1, -1, x.shape[2]))
