"""Times training steps in bfloat16 against float32 on this CPU: `python -m benchmarks.precision`.

One step of nets of the Zoo on random images, in both types by turns; prints the median of the ratios. Run it on an
otherwise idle machine.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F
from torch.nn.modules.conv import _ConvNd

from models import catalog
from training.precision import computing_in, has_bfloat16

CPU = torch.device("cpu")
# Model -> shape of a batch
NETS = {
    "mnist-cnn": (256, 1, 28, 28),
    "mnist-residual": (256, 1, 28, 28),
    "letters-best": (256, 1, 28, 28),
    "fashion-best": (256, 1, 28, 28),
    "holidays-resnet": (16, 3, 160, 160),
}


def seconds(net: nn.Module, x: torch.Tensor, labels: torch.Tensor, dtype: torch.dtype) -> float:
    """The time of one step without the optimizer, in seconds."""
    started = time.perf_counter()
    with computing_in(dtype, CPU):
        logits = net(x)[0]
    net.zero_grad(set_to_none=True)
    F.cross_entropy(logits.float(), labels).backward()
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=9, help="of each net and type")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{'computes' if has_bfloat16() else 'does not compute'} in bfloat16; {options.threads} threads")
    for slug, shape in NETS.items():
        torch.manual_seed(0)
        net = catalog.entry(slug).net().to(memory_format=torch.channels_last).train()
        weights = sum(module.weight.numel() for module in net.modules() if isinstance(module, _ConvNd))
        x = torch.rand(shape).to(memory_format=torch.channels_last)
        labels = torch.zeros(len(x), dtype=torch.int64)
        for dtype in (torch.float32, torch.bfloat16):
            seconds(net, x, labels, dtype)
        pairs = [
            [seconds(net, x, labels, dtype) for dtype in (torch.float32, torch.bfloat16)] for _ in range(options.steps)
        ]
        ratio = statistics.median(exact / short for exact, short in pairs)
        exact = statistics.median(exact for exact, _ in pairs)
        print(
            f"{slug}: {weights:,} weights of convolutions; {1000 * exact:.0f} ms, {ratio:.2f} times as fast", flush=True
        )


if __name__ == "__main__":
    main()
