"""The precision of training steps: bfloat16 where it is faster, else float32. Nets are evaluated in float32.

bfloat16 has the range of float32, so the loss needs no scaling. Weights, gradients and the loss stay in float32.
"""

from contextlib import AbstractContextManager, nullcontext

import torch
from torch import nn
from torch.nn.modules.conv import _ConvNd

# Chosen from what is known about bfloat16 on GPUs, not measured: it pays off where large products take most of the
# time. Small linear nets and embedding tables have none; recurrent nets accumulate rounding errors over many steps.
LARGE = (_ConvNd, nn.MultiheadAttention, nn.TransformerEncoderLayer)
RECURRENT = (nn.RNNBase, nn.RNNCellBase)
# Weights of convolutions from which bfloat16 is used on CPUs that compute in it: `python -m benchmarks.precision`.
ON_CPU = 200_000


def training_type(net: nn.Module, device: torch.device) -> torch.dtype:
    """The type that the layers of `net` compute in while it is trained: bfloat16 or float32."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        has_large = any(isinstance(module, LARGE) for module in net.modules())
        has_recurrent = any(isinstance(module, RECURRENT) for module in net.modules())
        return torch.bfloat16 if has_large and not has_recurrent else torch.float32
    if device.type == "cpu" and has_bfloat16():
        convolutions = (module for module in net.modules() if isinstance(module, _ConvNd))
        weights = sum(module.weight.numel() for module in convolutions)
        return torch.bfloat16 if weights >= ON_CPU else torch.float32
    return torch.float32


def has_bfloat16() -> bool:
    """Whether the CPU multiplies matrices in bfloat16; others emulate it, which is slower than float32."""
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def computing_in(dtype: torch.dtype, device: torch.device) -> AbstractContextManager:
    """A context in which layers compute in `dtype`; with float32, nothing changes."""
    return nullcontext() if dtype == torch.float32 else torch.autocast(device.type, dtype)
