"""Data-parallel training, with DistributedDataParallel: NCCL on GPUs, Gloo on CPUs.

Every process (`training/torchrun.py`) holds all examples, draws the same batches, takes its share of each and makes the
same step, with the mean of all gradients. The main process alone validates, and the others get its figures, so that all
agree on the best epoch. In a single process, these functions change nothing.
"""

import copy
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import TypeVar

import torch
from torch import distributed, nn
from torch.nn.parallel import DistributedDataParallel

from models.errors import ZooError
from training.torchrun import is_main, lost, rank, size

T = TypeVar("T")


def is_parallel() -> bool:
    """Whether several processes train together."""
    return size() > 1 and distributed.is_available() and distributed.is_initialized()


def check_alone(what: str) -> None:
    """Raise ZooError, with the reason `what`, if torchrun started several processes."""
    if size() > 1:
        raise ZooError(f"{what}; start it without torchrun.")


@contextmanager
def together() -> Iterator[None]:
    """A context, or decorator, of everything that processes do together; raises Lost if another one ends meanwhile."""
    if size() > 1 and not is_parallel():
        check_alone("Only zoo train shares the work between processes")
    try:
        yield
    except RuntimeError as error:
        if not (isinstance(error, distributed.DistError) or "gloo" in str(error)):
            raise
        raise lost(error) from error


def share() -> slice:
    """The rows of each batch that this process trains on."""
    return slice(rank(), None, size())


def parallel(net: nn.Module, device: torch.device) -> nn.Module:
    """The module to call in training steps, with the parameters of `net`, whose gradients are averaged.

    On GPUs, batch norm uses the statistics of the whole batch; on CPUs, torch has no such layer, and each process uses
    those of its share.
    """
    if not is_parallel():
        return net
    if device.type != "cuda":
        if any(isinstance(module, nn.modules.batchnorm._BatchNorm) for module in net.modules()):
            _warn_of_batch_norm()
        return DistributedDataParallel(net, forward_sync_buffers=False)
    # Other modules with the same tensors: the layers of `net` itself stay what they are, for the export.
    tensors = {id(tensor): tensor for tensor in chain(net.parameters(), net.buffers())}
    synchronised = nn.SyncBatchNorm.convert_sync_batchnorm(copy.deepcopy(net, tensors))
    return DistributedDataParallel(synchronised, device_ids=[torch.cuda.current_device()], forward_sync_buffers=False)


@cache
def _warn_of_batch_norm() -> None:
    if is_main():
        print("Batch norm uses the statistics of each process's share of a batch, not of the whole.", file=sys.stderr)


def mean(value: torch.Tensor) -> torch.Tensor:
    """The mean of `value` over all processes."""
    if is_parallel():
        distributed.all_reduce(value)
        value = value / size()
    return value


def from_main(function: Callable[[], T]) -> T:
    """What `function` returns in the main process, the only one that calls it."""
    if not is_parallel():
        return function()
    box = [function() if is_main() else None]
    distributed.broadcast_object_list(box)
    return box[0]


@together()
def main_first(function: Callable[[], T]) -> T:
    """Call `function` in every process, in the main one first, so that only that one downloads and fills caches."""
    if not is_parallel():
        return function()
    if is_main():
        result = function()
        distributed.barrier()
        return result
    distributed.barrier()
    return function()


def shared(path: Path, resume: bool) -> bool:
    """Give the state file of the main process to the others, if it resumes and has one; returns whether it does.

    path: in the folder of this process.
    """
    if not is_parallel():
        return resume
    content = from_main(lambda: path.read_bytes() if resume and path.exists() else None)
    if content is not None and not is_main():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return content is not None
