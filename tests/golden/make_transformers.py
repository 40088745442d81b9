#!/usr/bin/env python3
"""Make, or check, the golden values of the transformer spaces: transformers.json, transformers_params.csv.

    python make_transformers.py              make the file again
    python make_transformers.py --check      recompute every value, compare with the files

AutoFormer and PiT written from their papers in plain PyTorch, apart from the
Rust code: relative positions as the N x N table of vectors, classes in a batch
of one. No legal network is small enough to store its weights, so weights,
image and curves are made by a counter-based generator (`numbers`) that the
test has too. Derivatives are taken by double automatic differentiation in
f64; ratios are those of f64 features. Parameters at the default settings are
counted layer by layer.

Needs torch and numpy.
"""
from __future__ import annotations
import argparse
import json
import math
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

import dextr_reference as R
from make_spaces import differences, directional

HERE = Path(__file__).resolve().parent
FILE, COUNTS = HERE / "transformers.json", HERE / "transformers_params.csv"
MASK = (1 << 64) - 1


# ------------------------------------------------------------ numbers that both sides make
def fnv1a(text: str) -> int:
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = ((h ^ byte) * 0x100000001B3) & MASK
    return h


def numbers(name: str, count: int) -> np.ndarray:
    """Uniform with mean 0 and variance 1: splitmix64 of a counter that starts at the name's hash."""
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(name)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (2.0 * u - 1.0) * math.sqrt(3.0)


def parameter(name: str, shape: tuple) -> Tensor:
    """Biases and norms are not 0 and 1, so that they are tested; rounded to f32."""
    z = numbers(name, math.prod(shape))
    if name.endswith(".bias"):
        z = 0.2 * z
    elif "norm" in name:
        z = 1.0 + 0.2 * z
    elif any(part in name for part in ("cls_token", "pos_embed", "table")):
        z = 0.5 * z
    else:
        z = z / math.sqrt(math.prod(shape[1:]))
    return torch.from_numpy(z.astype(np.float32)).double().reshape(shape)


# ------------------------------------------------------------ what a network is made of
class Net:
    """Weights by name, the maps of a forward pass, the number of parameters."""

    def __init__(self):
        self.weights, self.order = {}, 0
        self.flow, self.layers = [], []

    def get(self, name: str, *shape: int) -> Tensor:
        if name not in self.weights:
            self.weights[name] = parameter(name, shape)
        return self.weights[name]

    def keep(self, name: str, x: Tensor, layer=False, active=False) -> Tensor:
        """A value with a place of its own; under `layers` each layer counts, under `flow` activations."""
        self.order += 1
        if layer:
            self.layers.append((name, x))
        if active:
            self.flow.append((self.order, name, x))
        x.place = (self.order, name)
        return x

    def add(self, name: str, x: Tensor, y: Tensor) -> Tensor:
        """A residual sum; its operands are observed. Those of the sums inside an attention are not."""
        self.flow += [(*v.place, v) for v in (x, y)]
        return self.keep(name, x + y)

    def dense(self, name: str, x: Tensor, out: int) -> Tensor:
        w, b = self.get(name + ".weight", out, x.shape[-1]), self.get(name + ".bias", out)
        return self.keep(name, F.linear(x, w, b), layer=True)

    def norm(self, name: str, x: Tensor, eps: float) -> Tensor:
        d = x.shape[-1]
        g, b = self.get(name + ".weight", d), self.get(name + ".bias", d)
        return self.keep(name, F.layer_norm(x, (d,), g, b, eps), layer=True)

    def conv(self, name: str, x: Tensor, out: int, kernel: int, stride: int, padding=0, groups=1) -> Tensor:
        w = self.get(name + ".weight", out, x.shape[1] // groups, kernel, kernel)
        b = self.get(name + ".bias", out)
        return self.keep(name, F.conv2d(x, w, b, stride, padding, 1, groups), layer=True)

    def block(self, name: str, x: Tensor, heads: int, width: int, hidden: int, eps: float, grid=None) -> Tensor:
        """Pre-norm attention and MLP on one image's tokens (N, D)."""
        y = self.norm(name + ".norm1", x, eps)
        y = self.attention(name + ".attn", y, heads, width, grid)
        x = self.add(name + ".sum1", x, y)
        y = self.norm(name + ".norm2", x, eps)
        y = self.dense(name + ".fc1", y, hidden)
        y = self.keep(name + ".gelu", F.gelu(y), layer=True, active=True)
        y = self.dense(name + ".fc2", y, x.shape[1])
        return self.add(name + ".sum2", x, y)

    def attention(self, name: str, x: Tensor, heads: int, width: int, grid) -> Tensor:
        n, d = x.shape
        qkv = self.dense(name + ".qkv", x, 3 * heads * width).reshape(n, 3, heads, width)
        q, k, v = qkv.permute(1, 2, 0, 3)
        logits = q @ k.transpose(1, 2) / math.sqrt(width)
        if grid:
            r = self.relative(name + ".rel_pos_k", grid, width)
            logits = logits + torch.einsum("hid,ijd->hij", q, r) / math.sqrt(width)
        weights = logits.softmax(-1)
        mixed = (weights @ v).transpose(0, 1).reshape(n, -1)
        if grid:
            r = self.relative(name + ".rel_pos_v", grid, width)
            mixed = mixed + torch.einsum("hij,ijd->ihd", weights, r).reshape(n, -1)
        return self.dense(name + ".proj", mixed, d)

    def relative(self, name: str, grid: int, width: int, length=14) -> Tensor:
        """The vector of every pair of tokens, (N, N, width)."""
        n = grid * grid + 1
        entries = 2 * length + 2
        v, h = (self.get(f"{name}.table_{axis}.weight", entries, width) for axis in "vh")
        at = torch.zeros(2, n, n, dtype=torch.long)
        for i in range(1, n):
            for j in range(1, n):
                for axis, (a, b) in enumerate(zip(divmod(i - 1, grid), divmod(j - 1, grid))):
                    at[axis, i, j] = max(-length, min(length, b - a)) + length + 1
        return v[at[0]] + h[at[1]]

    def observed(self, policy: str) -> list[tuple[str, Tensor]]:
        maps = [(n, x) for _, n, x in sorted(self.flow, key=lambda m: m[0])] if policy == "flow" else self.layers
        # A convolution's map is of a batch of one.
        maps = [(name, x[0].flatten(1) if x.dim() == 4 else x) for name, x in maps]
        return [(name, x) for name, x in maps if x.dim() > 1 and x.shape[0] > 1 and x[0].numel() > 1]


def autoformer(net: Net, image: Tensor, arch: dict, o: dict) -> Tensor:
    width = arch["embed_dim"]
    x = net.conv("patch_embed", image[None], width, 16, 16)
    grid = x.shape[-1]
    x = torch.cat([net.get("cls_token.weight", 1, width), x[0].flatten(1).T])
    x = net.keep("embedded", x + net.get("pos_embed.weight", grid * grid + 1, width))
    for i, (heads, ratio) in enumerate(zip(arch["num_heads"], arch["mlp_ratio"], strict=True)):
        x = net.block(f"blocks.{i}", x, heads, 64, int(width * ratio), 1e-5, grid)
    x = net.norm("norm", x, 1e-5)
    return net.dense("head", x[1:].mean(0), int(o["classes"]))


def pit(net: Net, image: Tensor, arch: dict, o: dict) -> Tensor:
    head, heads = arch["base_dim"], arch["num_heads"]
    x = net.conv("patch_embed", image[None], head * heads[0], 16, 8)
    x = x + net.get("pos_embed.weight", *x.shape[1:])
    token = net.get("cls_token.weight", 1, head * heads[0])
    for stage in range(3):
        name = f"transformers.{stage}"
        if stage:
            width = head * heads[stage]
            x = net.conv(f"pools.{stage - 1}.conv", x, width, 3, 2, 1, x.shape[1])
            token = net.dense(f"pools.{stage - 1}.fc", token, width)
        side = x.shape[-1]
        places = net.keep(f"{name}.map.tokens", x[0].flatten(1).T)
        if stage:       # before, the class token is a constant
            net.flow.append((*places.place, places))
        x = net.keep(f"{name}.tokens", torch.cat([token, places]))
        for i in range(arch["depth"][stage]):
            width = x.shape[1]
            x = net.block(f"{name}.blocks.{i}", x, heads[stage], head, width * arch["mlp_ratio"], 1e-6)
        token, x = x[:1], x[1:].T.reshape(1, -1, side, side)
    token = net.norm("norm", token, 1e-6)
    return net.dense("head", token[0], int(o["classes"]))


# ---------------------------------------------------------------------------------- cases
def former(depth, width, heads, ratios):
    return {"depth": depth, "embed_dim": width, "num_heads": [heads[i % len(heads)] for i in range(depth)],
            "mlp_ratio": [ratios[i % len(ratios)] for i in range(depth)]}


CASES = (
    ("autoformer-tiny", former(12, 192, (3, 4, 4), (3.5, 4)), {"size": "48", "classes": "10"}, autoformer, 2),
    ("autoformer-small", former(13, 320, (5, 7, 6), (3, 3.5, 4)), {"size": "32", "classes": "10"}, autoformer, 1),
    ("autoformer-base", former(14, 528, (9, 10), (3, 3.5)), {"size": "32", "classes": "10"}, autoformer, 1),
    ("pit", {"base_dim": 24, "mlp_ratio": 4, "depth": [2, 4, 2], "num_heads": [2, 4, 4]},
     {"size": "64", "classes": "10"}, pit, 2),
    ("pit", {"base_dim": 16, "mlp_ratio": 6, "depth": [1, 6, 4], "num_heads": [2, 2, 8]},
     {"size": "88", "classes": "12"}, pit, 1),
)


def ratio(x: Tensor) -> float:
    r = R.feature_ratio("", "", x[None]).ratio
    return r if r >= 1e-6 else 0.0


def make(space: str, arch: dict, options: dict, network, curves: int) -> dict:
    size = int(options["size"])
    shape = (3, size, size)
    weights: dict = {}

    def field(name: str) -> Tensor:
        z = numbers(name, math.prod(shape)).astype(np.float32)
        return torch.from_numpy(z).double().reshape(shape)

    def run(x: Tensor) -> tuple[Net, Tensor]:
        net = Net()
        net.weights = weights
        return net, network(net, x, arch, options)

    net, _ = run(field("image"))
    maps = {policy: [[name, ratio(x)] for name, x in net.observed(policy)] for policy in ("flow", "layers")}
    jets = []
    for i in range(curves):
        u, w = field(f"u{i}"), field(f"w{i}")
        jets.append(directional(lambda a: run(u * a.cos() + w * a.sin())[1]))
    kappa = [R.curvature(dy, ddy) for _, dy, ddy in jets]
    k = sum(map(math.log1p, kappa)) / len(kappa)
    entry = {"space": space, "arch": arch, "options": options, "curves": curves,
             "params": sum(w.numel() for w in weights.values()), "maps": maps, "kappa": kappa, "k": k,
             "y": [y.tolist() for y, _, _ in jets], "dy": [d.tolist() for _, d, _ in jets],
             "ddy": [a.tolist() for _, _, a in jets]}
    for policy, listed in maps.items():
        s = math.log1p(sum(r for _, r in listed))
        entry[policy] = {"s": s, "score": s * k / (s + k)}
    return entry


# ----------------------------------------------------------------------------- parameters
def dense(inputs: int, outputs: int) -> int:
    return inputs * outputs + outputs


def block(width: int, inner: int, hidden: int, relative: int) -> int:
    norms = 2 * 2 * width
    return norms + dense(width, 3 * inner) + dense(inner, width) + dense(width, hidden) + dense(hidden, width) + relative


def count_autoformer(arch: dict) -> int:
    """224 px, 1,000 classes; four tables of 30 vectors a block."""
    d = arch["embed_dim"]
    layers = zip(arch["num_heads"], arch["mlp_ratio"])
    blocks = sum(block(d, 64 * heads, int(d * ratio), 4 * 30 * 64) for heads, ratio in layers)
    return dense(3 * 16 * 16, d) + d + 197 * d + blocks + 2 * d + dense(d, 1000)


def count_pit(arch: dict) -> int:
    """224 px in 27 x 27 patches, 1,000 classes."""
    widths = [arch["base_dim"] * heads for heads in arch["num_heads"]]
    total = dense(3 * 16 * 16, widths[0]) + widths[0] + 27 * 27 * widths[0]
    for stage, d in enumerate(widths):
        if stage:
            total += d * 9 + d + dense(widths[stage - 1], d)
        total += arch["depth"][stage] * block(d, d, d * arch["mlp_ratio"], 0)
    return total + 2 * widths[2] + dense(widths[2], 1000)


def counts() -> str:
    """`space;arch;params`, fifteen architectures a space."""
    gen = torch.Generator().manual_seed(5)

    def one(values):
        return values[int(torch.randint(len(values), (), generator=gen))]

    rows = []
    for name, depths, widths, heads, ratios in (
            ("tiny", (12, 13, 14), (192, 216, 240), (3, 4), (3.5, 4)),
            ("small", (12, 13, 14), (320, 384, 448), (5, 6, 7), (3, 3.5, 4)),
            ("base", (14, 15, 16), (528, 576, 624), (9, 10), (3, 3.5, 4))):
        for _ in range(15):
            depth = one(depths)
            arch = {"depth": depth, "embed_dim": one(widths), "num_heads": [one(heads) for _ in range(depth)],
                    "mlp_ratio": [one(ratios) for _ in range(depth)]}
            rows.append(("autoformer-" + name, arch, count_autoformer(arch)))
    for _ in range(15):
        heads = one([(a, b, c) for a in (2, 4, 8) for b in (2, 4, 8) for c in (2, 4, 8) if a <= b <= c])
        arch = {"base_dim": one((16, 24, 32, 40)), "mlp_ratio": one((2, 4, 6, 8)),
                "depth": [one((1, 2, 3)), one((4, 6, 8)), one((2, 4, 6))], "num_heads": list(heads)}
        rows.append(("pit", arch, count_pit(arch)))
    return "space;arch;params\n" + "".join(f"{s};{json.dumps(a)};{n}\n" for s, a, n in rows)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the file, change nothing")
    args = parser.parse_args()
    torch.set_num_threads(1)
    made = json.loads(json.dumps([make(*case) for case in CASES]))
    if not args.check:
        FILE.write_text(json.dumps(made, separators=(",", ":"), allow_nan=False) + "\n")
        COUNTS.write_text(counts())
        return 0
    failed = differences(made, json.loads(FILE.read_text()), "transformers")
    failed += [] if counts() == COUNTS.read_text() else ["transformers_params.csv differs"]
    print(*failed, f"{len(made)} cases, {len(failed)} differences", sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
