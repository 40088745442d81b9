"""Scores of the exported networks as PyTorch computes them: scores.json.

    python tests/onnx/scores.py            # makes the file again
    python tests/onnx/scores.py --check    # recomputes it and says what differs

Run by hand where torch, numpy, safetensors and onnx are installed, after `export.py`. The
networks are those of `export.py` with the numbers of their files; image and
curves come from the generator of `tests/golden/make_transformers.py`. In f64:
y, y' and y'' of each curve by double automatic differentiation, and
sigma_min/sigma_max of the maps that the policies `flow` and `layers` observe,
which are taken from PyTorch's calls as they happen, not from the file's graph.
"""

import argparse
import json
import math
import pathlib
import sys
import warnings

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch.overrides import TorchFunctionMode

import export

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))

import dextr_reference  # noqa: E402
from make_spaces import differences, directional  # noqa: E402
from make_transformers import numbers  # noqa: E402

CURVES = 2
HARD_SIGMOID = torch.nn.functional.hardsigmoid
NETWORKS = {
    "residual": export.Residual,
    "inverted": export.InvertedResidual,
    "dense": export.Dense,
    "vit": export.Vit,
    "vit_layernorm": export.Vit,
    "convnext": export.ConvNext,
    "swin": export.Swin,
    **{name: lambda arch=arch: export.Cell201(arch) for name, arch in export.CELLS.items()},
}
ACTIVATIONS = {"relu", "relu6", "gelu", "silu", "hardswish", "hardsigmoid", "mish", "elu", "prelu"}
OTHER_LAYERS = {"conv2d", "linear", "batch_norm", "group_norm", "layer_norm", "instance_norm", "max_pool2d", "avg_pool2d"}
MERGES = {"add", "cat"}
# What is called beside layers and merges; anything else must be thought about.
NEUTRAL = {
    "adaptive_avg_pool2d", "arange", "dim", "div", "expand", "flatten", "getitem", "interpolate", "matmul", "mean", "mul",
    "permute", "reshape", "roll", "shape", "size", "softmax", "split", "transpose", "unbind", "requires_grad",
}  # fmt: skip


def field(name, shape):
    """An image or a direction, as the test makes it."""
    values = numbers(name, math.prod(shape)).astype(np.float32)
    return torch.from_numpy(values).double().reshape(1, *shape)


def weighted(name, network):
    """The network in f64 with the file's numbers."""
    file = onnx.load(HERE / f"{name}.onnx")
    tensors = {t.name: torch.from_numpy(numpy_helper.to_array(t).copy()) for t in file.graph.initializer}
    with torch.no_grad():
        for key, parameter in network.named_parameters():
            parameter.copy_(tensors[key])
            parameter.requires_grad_(False)
    return network.double().train()


class Watch(TorchFunctionMode):
    """Notes the maps that each policy observes. What requires a gradient depends on the image."""

    def __init__(self):
        super().__init__()
        self.flow, self.layers = [], []
        # Values [1, H, W, C], or windows of them: maps of tokens.
        self.tokens = []

    def is_tokens(self, x):
        return any(x is t for t in self.tokens)

    def merge(self, operands, tokens=False):
        operands = [x for x in operands if torch.is_tensor(x) and x.requires_grad]
        tokens = tokens or any(map(self.is_tokens, operands))
        if len(operands) >= 2:
            self.flow += [(x, tokens) for x in operands]
        return tokens

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = func.__name__.strip("_")
        result = func(*args, **(kwargs or {}))
        if not torch.is_tensor(result) or not result.requires_grad:
            return result
        if name == "mul" and not torch.is_tensor(args[1]) and args[1] == 0.0:
            return result.detach()  # the benchmark's `none`
        tokens = name in ("linear", "layer_norm")
        if name in ACTIVATIONS:
            tokens = self.is_tokens(args[0])
            self.flow.append((result, tokens))
        elif name in MERGES:
            last = name == "cat" and args[1] in (-1, 3)
            tokens = self.merge(args[0] if name == "cat" else args, last)
        else:
            assert name in OTHER_LAYERS or name in NEUTRAL, name
        if name in ACTIVATIONS or name in OTHER_LAYERS:
            self.layers.append((result, tokens))
        if tokens:
            self.tokens.append(result)
        return result

    def total(self, terms):
        """Python's `sum` as one merge of all operands, as the benchmark means it."""
        self.merge(terms)
        with torch._C.DisableTorchFunction():
            result = terms[0]
            for term in terms[1:]:
                result = result + term
        return result


def matrix(x, tokens):
    """Channels (or tokens) as rows; none of a vector or of a single token."""
    x = x.detach().flatten(0, -2) if tokens else x[0].detach()
    if x.ndim < 2 or x[0].numel() == 1 or (x.ndim == 2 and x.shape[0] == 1):
        return None
    return x.reshape(x.shape[0], -1)


def ratios(maps):
    """[rows, columns, ratio] of each map."""
    found = []
    for x in filter(lambda m: m is not None, (matrix(*m) for m in maps)):
        ratio = dextr_reference.feature_ratio("", "", x[None]).ratio
        found.append([*x.shape, ratio if ratio >= 1e-6 else 0.0])
    return found


def gate(x):
    """Hard sigmoid; PyTorch's own cannot be differentiated twice."""
    return (x + 3).clamp(0, 6) / 6


def make(name):
    torch.manual_seed(0)
    torch.nn.functional.hardsigmoid = HARD_SIGMOID
    network = weighted(name, NETWORKS[name]())
    shape = json.loads((HERE / f"{name}.json").read_text())["shape"]
    watch = Watch()
    export.sum = watch.total
    image = field("image", shape).requires_grad_()
    with watch:
        network(image)
    del export.sum
    torch.nn.functional.hardsigmoid = gate
    case = {"maps": {"flow": ratios(watch.flow), "layers": ratios(watch.layers)}, "y": [], "dy": [], "ddy": [], "kappa": []}
    for j in range(CURVES):
        u, w = field(f"u{j}", shape), field(f"w{j}", shape)
        y, dy, ddy = directional(lambda t: network(u * torch.cos(t) + w * torch.sin(t))[0])
        case["kappa"].append(dextr_reference.curvature(dy, ddy))
        for key, value in (("y", y), ("dy", dy), ("ddy", ddy)):
            case[key].append(value.tolist())
    case["k"] = sum(math.log1p(k) for k in case["kappa"]) / CURVES
    for policy, maps in case["maps"].items():
        s = math.log1p(sum(m[2] for m in maps))
        case[f"score_{policy}"] = s * case["k"] / (s + case["k"])
    return case


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    made = {name: make(name) for name in NETWORKS}
    file = HERE / "scores.json"
    if not check:
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in made.items())
        file.write_text("{\n" + lines + "\n}\n")
        return
    wrong = differences(json.loads(json.dumps(made)), json.loads(file.read_text()), "scores")
    print("\n".join(wrong) or "all as stored")
    sys.exit(bool(wrong))


main()
