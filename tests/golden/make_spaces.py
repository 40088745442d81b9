#!/usr/bin/env python3
"""Make, or check, the golden values of the search spaces: spaces.json and space_*.safetensors.

    python make_spaces.py              make the files again; weights stay as they are
    python make_spaces.py --check      recompute every value, compare with the files, change nothing

One reduced network a case, written from the benchmark's definition in plain
PyTorch. Weights are drawn where no file has them; images and curves are those
of nb201_none.safetensors (at 64 pixels the image with every pixel doubled, and
the published curve with unit-variance pixels). Derivatives are taken by double
automatic differentiation in f64, of all outputs at once; `ratio` is of f32
features, `ratio_f64` of f64 features, both by an f64 decomposition.

Needs torch, numpy and safetensors.
"""
from __future__ import annotations
import argparse
import itertools
import json
import math
import sys
from pathlib import Path
from typing import Callable, NamedTuple

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor

import dextr_reference as R

HERE = Path(__file__).resolve().parent
STORED_OUTPUTS = 100         # of a network whose output is a map


# ------------------------------------------------------------ what a network is made of
class Value:
    """A tensor in its place: its number, the name it is observed under, whether it can depend on the input."""

    def __init__(self, t: Tensor, order: int, name: str, live: bool = True, none: bool = False):
        self.t, self.order, self.name, self.live, self.none = t, order, name, live, none

    @property
    def width(self) -> int:
        return self.t.shape[1]


class Net:
    """Named weights, and what a forward pass observes."""

    def __init__(self, stored: dict[str, Tensor], seed: int):
        self.w, self.stored = {}, stored
        self.gen = torch.Generator().manual_seed(seed)
        self.dtype = torch.float32
        self.start()

    def start(self):
        self.count, self.flow, self.modules = 0, [], []

    def get(self, name: str, shape: tuple, draw: Callable[[], Tensor]) -> Tensor:
        if name not in self.w:
            self.w[name] = self.stored["w." + name] if "w." + name in self.stored else draw()
        assert self.w[name].shape == shape, (name, self.w[name].shape, shape)
        return self.w[name].to(self.dtype)

    def uniform(self, name: str, shape: tuple, fan_in: int) -> Tensor:
        bound = 1 / math.sqrt(fan_in)
        return self.get(name, shape, lambda: (torch.rand(shape, generator=self.gen) * 2 - 1) * bound)

    def value(self, t: Tensor, name: str, live: bool) -> Value:
        self.count += 1
        return Value(t, self.count, name, live)

    # layers; each makes a value of its own
    def conv(self, name, x, out, k, stride=1, padding=0, dilation=1, groups=1, bias=False):
        kh, kw = (k, k) if isinstance(k, int) else k
        fan = x.width // groups * kh * kw
        w = self.uniform(name + ".weight", (out, x.width // groups, kh, kw), fan)
        b = self.uniform(name + ".bias", (out,), fan) if bias else None
        return self.value(F.conv2d(x.t, w, b, stride, padding, dilation, groups), name, x.live)

    def deconv(self, name, x, out):
        """3x3, stride 2, doubles the size. PyTorch takes the weight's second axis for the fan-in."""
        w = self.uniform(name + ".weight", (x.width, out, 3, 3), out * 9)
        b = self.uniform(name + ".bias", (out,), out * 9)
        return self.value(F.conv_transpose2d(x.t, w, b, stride=2, padding=1, output_padding=1), name, x.live)

    def norm(self, name, x, affine=True):
        g = b = None
        if affine:        # not 1 and 0, so that they are tested
            draw = lambda: 0.2 * torch.randn(x.width, generator=self.gen)
            g = self.get(name + ".weight", (x.width,), lambda: 1 + draw())
            b = self.get(name + ".bias", (x.width,), draw)
        return self.value(F.batch_norm(x.t, None, None, g, b, training=True, eps=R.EPS), name, x.live)

    def act(self, name, x, f=F.relu):
        y = self.value(f(x.t), name, x.live)
        self.flow.append((y.order, name, y.t, y.live))
        return y

    def linear(self, name, x, f):
        return self.value(f(x.t), name, x.live)

    def fc(self, name, x, out):
        w, b = self.uniform(name + ".weight", (out, x.width), x.width), self.uniform(name + ".bias", (out,), x.width)
        return self.value(F.linear(x.t, w, b), name, x.live)

    def zeros(self, name, shape):
        y = self.value(torch.zeros(shape, dtype=self.dtype), name, False)
        y.none = True
        return y

    def merge(self, name, values: list[Value], join: Callable[[list[Tensor]], Tensor]) -> Value:
        """A sum or a concatenation; its live operands are observed where there are two or more."""
        live = [v for v in values if v.live]
        if len(live) >= 2:
            self.flow += [(v.order, v.name, v.t, True) for v in live]
        return self.value(join([v.t for v in values]), name, bool(live))

    def add(self, name, values: list[Value]) -> Value:
        """A sum. Zeros of `none` edges change nothing: what is left alone keeps its name."""
        kept = [v for v in values if not v.none]
        if len(kept) == 1 and len(values) >= 1:
            total = sum(v.t for v in values)
            return Value(total, kept[0].order, kept[0].name, kept[0].live)
        return self.merge(name, kept or values, sum)

    def cat(self, name, values: list[Value]) -> Value:
        return values[0] if len(values) == 1 else self.merge(name, values, lambda ts: torch.cat(ts, 1))

    def named(self, x: Value, name: str) -> Value:
        """The same value, observed as the branch that it ends."""
        x.name = name
        return x

    # for the published protocol: every module passes its value on under its own name
    def module(self, x: Value, name: str, kind: str) -> Value:
        self.modules.append((name, kind, x.t))
        return x

    def observed(self) -> list[tuple[str, Tensor, bool]]:
        maps = sorted(self.flow, key=lambda m: m[0])
        return [(name, t, live) for _, name, t, live in maps if t[0].numel() > t.shape[1]]


# ------------------------------------------------------------------------ NAS-Bench-101
def nasbench101(net: Net, x: Value, o: dict) -> Value:
    matrix, ops = benchmark_order(*o["cell"])
    n = len(ops)

    def cbr(name, x, out, k):
        x = net.conv(name + ".conv", x, out, k, padding=k // 2)
        return net.named(net.act(name + ".relu", net.norm(name + ".bn", x)), name)

    def cell(name, x, out):
        into = [v for v in range(1, n - 1) if matrix[v][n - 1]]
        width = {v: out // len(into) + (i < out % len(into)) for i, v in enumerate(into)}
        for v in reversed(range(1, n - 1)):
            if v not in width:
                width[v] = max(width[t] for t in range(v + 1, n - 1) if matrix[v][t])
        made = {0: x}
        for v in range(1, n - 1):
            parts = []
            for s in range(1, v):
                if matrix[s][v]:
                    y = made[s]
                    if y.width > width[v]:
                        y = net.linear(f"{name}.vertex{v}.cut{s}", y, lambda t: t[:, :width[v]])
                    parts.append(y)
            if matrix[0][v]:
                parts.append(cbr(f"{name}.vertex{v}.projection", x, width[v], 1))
            y = net.add(f"{name}.vertex{v}.sum", parts)
            here = f"{name}.vertex{v}"
            if ops[v] == "maxpool3x3":
                made[v] = net.named(net.linear(here + ".pool", y, lambda t: F.max_pool2d(t, 3, 1, 1)), here)
            else:
                made[v] = cbr(here, y, width[v], int(ops[v][4]))
        y = net.cat(name + ".concat", [made[v] for v in into])
        if matrix[0][n - 1]:
            y = net.add(name + ".sum", [y, cbr(name + ".projection", x, out, 1)])
        return y

    x = cbr("stem", x, o["stem_width"], 3)
    for stack in range(3):
        if stack:
            x = net.linear(f"stack{stack}.pool", x, lambda t: F.max_pool2d(t, 2))
        for c in range(o["cells"]):
            x = cell(f"stack{stack}.cell{c}", x, o["stem_width"] * 2 ** stack)
    return net.fc("head.fc", net.linear("head.pool", x, lambda t: t.mean((2, 3))), o["classes"])


def benchmark_order(matrix, ops):
    """The benchmark trained, of isomorphic cells, the first that its enumeration meets."""
    n = len(ops)
    known = ["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"]

    def key(order):
        bits = sum(matrix[order[a]][order[b]] << (a + b * (b - 1) // 2) for b in range(n) for a in range(b))
        return bits, [known.index(ops[v]) for v in order[1:-1]]
    orders = [(0, *p, n - 1) for p in itertools.permutations(range(1, n - 1))]
    up = [q for q in orders if all(not matrix[q[a]][q[b]] for a in range(n) for b in range(a + 1))]
    best = min(up, key=key)
    return [[matrix[a][b] for b in best] for a in best], [ops[v] for v in best]


# ----------------------------------------------------------------- NATS-Bench size space
def nats_size(net: Net, x: Value, o: dict) -> Value:
    c = [int(w) for w in o["arch"].split(":")]
    m = net.module

    def bn(name, x, affine=True):
        return m(net.norm(name, x, affine), name, "bn")

    def rcb(name, x, out, k, stride=1, inside=True):
        x = m(net.act(name + ".relu", x), name + ".relu", "relu")
        x = m(net.conv(name + ".conv", x, out, k, stride, k // 2, bias=inside), name + ".conv", "conv")
        x = m(bn(name + ".bn", x, not inside), name + ".seq", "seq")
        return m(net.named(x, name), name, "op")

    def cell(name, x, out):
        """|3x3~0|+|3x3~0|3x3~1|+|skip~0|3x3~1|3x3~2|, edges in the order of the six indices."""
        a = rcb(name + ".edge0", x, out, 3)
        b = net.add(name + ".node2", [rcb(name + ".edge1", x, out, 3), rcb(name + ".edge2", a, out, 3)])
        skip = name + ".edge3"
        if x.width == out:
            s = m(net.linear(skip, x, lambda t: t), skip, "skip")
        else:
            s = m(net.conv(skip + ".conv", x, out, 1, bias=True), skip + ".conv", "conv")
            s = m(net.named(bn(skip + ".bn", s, False), skip), skip, "op")
        parts = [s, rcb(name + ".edge4", a, out, 3), rcb(name + ".edge5", b, out, 3)]
        return m(net.add(name + ".node3", parts), name, "cell")

    def reduction(name, x, out):
        y = rcb(name + ".b", rcb(name + ".a", x, out, 3, 2, False), out, 3, 1, False)
        r = m(net.linear(name + ".res.pool", x, lambda t: F.avg_pool2d(t, 2)), name + ".res.pool", "pool")
        r = m(net.conv(name + ".res.conv", r, out, 1), name + ".res.conv", "conv")
        r = m(net.named(r, name + ".res"), name + ".res", "seq")
        return m(net.add(name + ".sum", [r, y]), name, "block")

    x = m(net.conv("stem.conv", x, c[0], 3, padding=1), "stem.conv", "conv")
    x = m(m(bn("stem.bn", x), "stem.seq", "seq"), "stem", "block")
    x = m(cell("stage0.cell0", x, c[0]), "stage0", "stage")
    x = reduction("red0", x, c[1])
    x = m(cell("stage1.cell0", x, c[2]), "stage1", "stage")
    x = reduction("red1", x, c[3])
    x = m(cell("stage2.cell0", x, c[4]), "stage2", "stage")
    x = m(net.act("head.relu", bn("head.bn", x)), "head.relu", "relu")
    x = m(x, "head.act", "seq")
    x = m(net.linear("head.gap", x, lambda t: t.mean((2, 3))), "head.gap", "gap")
    x = m(x, "head", "block")
    return m(m(net.fc("head.fc", x, o["classes"]), "head.fc", "fc"), "root", "root")


# --------------------------------------------------------------------------------- DARTS
def reduce_in_two(net: Net, name, x, out, names):
    """Two 1x1 convolutions of stride 2, the second one pixel further down and right."""
    y = net.act(name + ".relu", x)
    a = net.conv(f"{name}.{names[0]}", y, out // 2, 1, 2)
    b = net.conv(f"{name}.{names[1]}", net.linear(name, y, lambda t: t[:, :, 1:, 1:]), out - out // 2, 1, 2)
    return net.named(net.norm(name + ".bn", net.merge(name + ".concat", [a, b], lambda ts: torch.cat(ts, 1))), name)


def darts(net: Net, x: Value, o: dict) -> Value:
    def op(name, kind, x, c, stride):
        rest, k = kind[:-4], int(kind[-1]) if kind[-1].isdigit() else 0
        if kind == "none":
            side = -(-x.t.shape[2] // stride)
            return net.zeros(name, (1, c, side, side))
        if kind == "conv_7x1_1x7":
            y = net.act(name + ".0", x)
            y = net.conv(name + ".1", y, c, (1, 7), (1, stride), (0, 3))
            y = net.conv(name + ".2", y, c, (7, 1), (stride, 1), (3, 0))
            return net.named(net.norm(name + ".3", y), name)
        if kind == "skip_connect":
            return net.linear(name, x, lambda t: t) if stride == 1 else \
                reduce_in_two(net, name, x, c, ("conv_1", "conv_2"))
        if rest == "max_pool":
            return net.linear(name, x, lambda t: F.max_pool2d(t, 3, stride, 1))
        if rest == "avg_pool":
            return net.linear(name, x, lambda t: F.avg_pool2d(t, 3, stride, 1, count_include_pad=False))
        twice, dilation = (2, 1) if rest == "sep_conv" else (1, 2)
        for i in range(twice):
            part = lambda j: f"{name}.op.{4 * i + j}"
            y = net.act(part(0), x)
            y = net.conv(part(1), y, c, k, stride if i == 0 else 1, k // 2 * dilation, dilation, groups=c)
            x = net.norm(part(3), net.conv(part(2), y, c, 1))
        return net.named(x, name)

    def cell(name, s0, s1, c, reduces, reduced):
        def fit(name, s):
            y = net.conv(name + ".op.1", net.act(name + ".op.0", s), c, 1)
            return net.named(net.norm(name + ".op.2", y), name)
        pre = name + ".preprocess"
        s0 = reduce_in_two(net, pre + "0", s0, c, ("conv_1", "conv_2")) if reduced else fit(pre + "0", s0)
        states = [s0, fit(pre + "1", s1)]
        kind = "reduce" if reduces else "normal"
        for i in range(0, len(o[kind]), 2):
            parts = [op(f"{name}._ops.{i + j}", *o[kind][i + j][:1], states[o[kind][i + j][1]], c,
                        2 if reduces and o[kind][i + j][1] < 2 else 1) for j in (0, 1)]
            states.append(net.add(f"{name}.node{i // 2 + 2}", parts))
        return net.cat(name + ".concat", [states[i] for i in o[kind + "_concat"]])

    c, layers = o["channels"], o["layers"]
    if o.get("network") == "imagenet":
        y = net.norm("stem0.1", net.conv("stem0.0", x, c // 2, 3, 2, 1))
        s0 = net.norm("stem0.4", net.conv("stem0.3", net.act("stem0.2", y), c, 3, 2, 1))
        s1 = net.norm("stem1.2", net.conv("stem1.1", net.act("stem1.0", s0), c, 3, 2, 1))
        reduced = True
    else:
        s0 = s1 = net.norm("stem.1", net.conv("stem.0", x, 3 * c, 3, padding=1))
        reduced = False
    for i in range(layers):
        reduces = i in (layers // 3, 2 * layers // 3)
        c *= 1 + reduces
        s0, s1, reduced = s1, cell(f"cells.{i}", s0, s1, c, reduces, reduced), reduces
    logits = net.fc("classifier", net.linear("pool", s1, lambda t: t.mean((2, 3))), o["classes"])
    return logits if o["output"] == "logits" else s1


# --------------------------------------------------------------- TransNAS-Bench-101-micro
def transnasbench101(net: Net, x: Value, o: dict) -> Value:
    digits = o["arch"].split("-")[-1].split("_")

    def rcb(name, x, out, k, stride):
        y = net.conv(name + ".ops.1", net.act(name + ".ops.0", x), out, k, stride, k // 2)
        return net.named(net.norm(name + ".ops.2", y), name)

    def edge(name, kind, x, out, stride):
        if kind == "0":
            side = -(-x.t.shape[2] // stride)
            return net.zeros(name, (1, out, side, side))
        if kind == "1":
            same = stride == 1 and x.width == out
            return net.linear(name, x, lambda t: t) if same else \
                reduce_in_two(net, name, x, out, ("convs.0", "convs.1"))
        return rcb(name, x, out, 1 if kind == "2" else 3, stride)

    def cell(name, x, out, stride):
        nodes, number = [x], 0
        for t, group in enumerate(digits, 1):
            parts = []
            for s, kind in enumerate(group):
                parts.append(edge(f"{name}.edges.{number}", kind, nodes[s], out, stride if s == 0 else 1))
                number += 1
            nodes.append(net.add(f"{name}.node{t}", parts))
        return nodes[-1]

    c = o["stem_width"]
    x = net.norm("encoder.stem.1", net.conv("encoder.stem.0", x, c // 2, 3, 2, 1))
    x = rcb("encoder.stem.2", x, c, 3, 2)
    for m, kind in enumerate("41414"):
        for i in range(2):
            both = kind == "4" and i == 0
            c *= 1 + both
            x = cell(f"encoder.layer{m}.{i}", x, c, 1 + both)

    def layer(name, x, out, doubles):
        y = net.deconv(name + ".conv", x, out) if doubles else net.conv(name + ".conv", x, out, 3, 1, 1, bias=True)
        return net.act(name + ".activation", net.norm(name + ".norm", y), lambda t: F.leaky_relu(t, 0.2))

    width = lambda divisor: max(o["decoder_width"] // divisor, 1)
    if o["task"] == "segmentsemantic":
        for i, (divisor, doubles) in enumerate(zip((1, 2, 4, 8, 16, 32, 32), (0, 0, 1, 1, 1, 1, 1))):
            x = layer(f"decoder.model.{i}", x, width(divisor), doubles)
        return net.conv("decoder.model.7.conv", x, o["classes"], 3, 1, 1, bias=True)
    if o["task"] == "autoencoder":
        sizes = (1, 1, 2, 2, 4, 8, 16, 16, 32, 32, 64, 32, 64)
        for i, divisor in enumerate(sizes, 1):
            x = layer(f"decoder.conv{i}", x, width(divisor), i in (5, 7, 9, 11, 13))
        x = net.conv("decoder.conv14.conv", x, o["classes"], 3, 1, 1, bias=True)
        return net.act("decoder.conv14.activation", x, torch.tanh)
    y = net.linear("decoder.avgpool", x, lambda t: t.mean((2, 3)))
    if o["task"] == "jigsaw":
        y = net.linear("decoder.tiles", y, lambda t: torch.cat([t] * 9, 1))
    net.fc("decoder.fc", y, o["classes"])
    return x         # the logits are constant: the mean of a normalised map is its shift


# --------------------------------------------------------------------------------- cases
class Case(NamedTuple):
    """A network to make a fixture of."""
    name: str
    space: str
    arch: str
    options: dict
    net: Callable
    more: dict               # the architecture as the Python network takes it
    published: bool = False


def from_line(line):
    bits, ops = line.split()
    ops = ops.split(",")
    n = len(ops)
    return [[int(bits[n * i + j]) for j in range(n)] for i in range(n)], ops


# Three sources share the output's channels unevenly, and two of them are cut
# on the way to vertex 4; vertex 5 is on no path to the output.
NB101 = ("0110001" "0001110" "0000101" "0000001" "0000001" "0000000" "0000000"
         " input,maxpool3x3,conv3x3-bn-relu,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,output")
NB101_PRUNED = ("011001" "000110" "000011" "000001" "000001" "000000"
                " input,maxpool3x3,conv3x3-bn-relu,conv1x1-bn-relu,conv3x3-bn-relu,output")
GENOTYPE = {
    "normal": [("sep_conv_3x3", 0), ("none", 1), ("dil_conv_5x5", 0), ("max_pool_3x3", 0), ("avg_pool_3x3", 1),
               ("skip_connect", 2), ("none", 3), ("none", 0)], "normal_concat": [2, 3, 4, 5],
    "reduce": [("max_pool_3x3", 0), ("skip_connect", 1), ("sep_conv_5x5", 0), ("avg_pool_3x3", 1),
               ("dil_conv_3x3", 2), ("skip_connect", 3), ("none", 0), ("skip_connect", 2)],
    "reduce_concat": [2, 3, 4, 5]}
OTHER = {
    "normal": [("sep_conv_7x7", 1), ("skip_connect", 0), ("conv_7x1_1x7", 0), ("max_pool_3x3", 2)],
    "normal_concat": [2, 3],
    "reduce": [("conv_7x1_1x7", 0), ("avg_pool_3x3", 1), ("sep_conv_3x3", 0), ("skip_connect", 2),
               ("none", 0), ("none", 1)], "reduce_concat": [3, 4]}


def written(genotype: dict) -> str:
    return "Genotype(" + ", ".join(f"{key}={value}" for key, value in genotype.items()) + ")"


def transnas(name, arch, task, classes, **more):
    options = {"task": task, "stem_width": 4, "size": 64, "classes": classes} | more
    return Case(name, "transnasbench101", arch, options, transnasbench101, {})


CASES = (
    Case("nasbench101", "nasbench101", NB101, {"stem_width": 8, "cells": 1, "classes": 10, "size": 32},
         nasbench101, {"cell": from_line(NB101_PRUNED)}),
    Case("nats_size", "nats-size", "16:8:8:16:8", {"classes": 10, "size": 32}, nats_size, {}, True),
    Case("darts", "darts", written(GENOTYPE), {"channels": 4, "layers": 4, "classes": 10, "size": 32, "output": "features"},
         darts, GENOTYPE),
    Case("darts_imagenet", "darts", written(OTHER),
         {"network": "imagenet", "channels": 6, "layers": 3, "classes": 10, "size": 64,
          "output": "logits"}, darts, OTHER),
    transnas("transnas_scene", "64-41414-0_32_112", "class_scene", 10),
    transnas("transnas_jigsaw", "64-41414-2_01_202", "jigsaw", 10),
    transnas("transnas_segmentation", "64-41414-1_20_021", "segmentsemantic", 3, decoder_width=16),
    transnas("transnas_picture", "64-41414-2_10_102", "autoencoder", 3, decoder_width=16),
)


def directional(f: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor, Tensor]:
    """f, f', f'' at theta = 0 of all entries: v.f is differentiated twice, and each time by v, in which it is linear."""
    theta = torch.zeros((), dtype=torch.float64, requires_grad=True)
    y = f(theta)
    v = torch.ones_like(y, requires_grad=True)
    first, = torch.autograd.grad((v * y).sum(), theta, create_graph=True)
    second, = torch.autograd.grad(first, theta, create_graph=True)
    dy, = torch.autograd.grad(first, v, retain_graph=True)
    ddy, = torch.autograd.grad(second, v)
    return y.detach(), dy, ddy


def ratio(t: Tensor, live=True) -> float:
    r = R.feature_ratio("", "", t).ratio if live else 0.0
    return r if r >= 1e-6 else 0.0


def inputs(size: int) -> tuple[Tensor, Tensor, dict]:
    """Image and curves of this size, and the fixture they come from."""
    base = load_file(HERE / "nb201_none.safetensors")
    if size == 32:
        return base["image"], base["refined.curve_bases"], base
    image = base["image"].repeat_interleave(2, 2).repeat_interleave(2, 3)
    return image, (base["curve_basis"] * math.sqrt(3 * size * size / 2))[None], base


def make(case: Case) -> tuple[dict, dict[str, Tensor]]:
    """Manifest entry and tensors of one case."""
    file = f"space_{case.name}.safetensors"
    stored = load_file(HERE / file) if (HERE / file).exists() else {}
    net = Net(stored, 1000 + [c.name for c in CASES].index(case.name))
    image, bases, base = inputs(case.options["size"])
    o = case.options | case.more | {"arch": case.arch}

    def run(x: Tensor, dtype) -> Tensor:
        net.start()
        net.dtype = dtype
        return case.net(net, Value(x.to(dtype), 0, "input"), o).t

    def along(basis: Tensor, shape) -> tuple[Tensor, Tensor, Tensor]:
        u, w = basis.double().T
        return directional(lambda a: run((u * a.cos() + w * a.sin()).reshape(1, *shape), torch.float64)[0].flatten())

    run(image, torch.float32)
    single, modules = net.observed(), net.modules
    is_map = run(image, torch.float64).dim() == 4
    double, modules64 = net.observed(), net.modules
    observed = [{"name": n, "ratio": ratio(t, live), "ratio_f64": ratio(q, live)}
                for (n, t, live), (_, q, _) in zip(single, double)]
    shape = tuple(image.shape[1:])
    jets = [along(b, shape) for b in bases]
    # A map as output is scaled to unit speed first.
    speeds = [float(dy.norm()) if is_map else 1.0 for _, dy, _ in jets]
    kappa = [R.curvature(dy, ddy) * speed for (_, dy, ddy), speed in zip(jets, speeds)]
    s = math.log1p(sum(m["ratio_f64"] for m in observed))
    k = sum(map(math.log1p, kappa)) / len(kappa)
    count = jets[0][0].numel()
    kept = torch.arange(count) if count <= STORED_OUTPUTS else torch.arange(STORED_OUTPUTS) * (count // STORED_OUTPUTS)
    tensors = {"w." + name: w for name, w in net.w.items()}
    for i, part in enumerate(("y", "dy", "ddy")):
        tensors["refined." + part] = torch.stack([j[i][kept] for j in jets])
    entry = {"name": case.name, "file": file, "space": case.space, "arch": case.arch,
             "options": {key: str(value) for key, value in case.options.items()},
             "params": sum(w.numel() for w in net.w.values()), "outputs": count, "kept": kept.tolist(),
             "largest": [[float(t.abs().max()) for t in j] for j in jets],
             "observed": observed, "kappa": kappa, "s": s, "k": k, "score": s * k / (s + k)}
    if case.published:
        y, dy, ddy = along(base["curve_basis"], (3, 64, 64))
        coords = base["coords"]
        listed = [{"name": n, "kind": kind, "ratio": ratio(t), "ratio_f64": ratio(q)}
                  for (n, kind, t), (_, _, q) in zip(modules, modules64)]
        s, kappa = math.log1p(sum(m["ratio_f64"] for m in listed)), R.curvature(dy[coords], ddy[coords])
        k = math.log1p(kappa)
        entry["published"] = {"modules": listed, "kappa": kappa, "s": s, "score": s * k / (s + k)}
        tensors |= {"y": y, "dy": dy, "ddy": ddy}
    return entry, tensors


def differences(new, old, place: str) -> list[str]:
    """Where two JSON values differ; numbers may by 1e-9 relative, ratios of f32 features by 1e-6."""
    if isinstance(old, float) and isinstance(new, float):
        limit = 1e-6 if place.endswith(".ratio") else 1e-9 * max(1.0, abs(old))
        return [] if abs(new - old) <= limit else [f"{place}: {new} instead of {old}"]
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return [d for key in old for d in differences(new[key], old[key], f"{place}.{key}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [d for i, pair in enumerate(zip(new, old)) for d in differences(*pair, f"{place}[{i}]")]
    return [] if new == old else [f"{place}: {str(new)[:60]} instead of {str(old)[:60]}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the files, change nothing")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    made = [make(case) for case in CASES]
    manifest = json.loads(json.dumps([entry for entry, _ in made]))
    if not args.check:
        for entry, tensors in made:
            save_file({key: tensors[key].contiguous() for key in sorted(tensors)}, HERE / entry["file"])
        (HERE / "spaces.json").write_text(json.dumps(manifest, separators=(",", ":"), allow_nan=False) + "\n")
        return 0
    failed = differences(manifest, json.loads((HERE / "spaces.json").read_text()), "spaces")
    for entry, tensors in made:
        old = load_file(HERE / entry["file"])
        if old.keys() != tensors.keys():
            failed.append(f"{entry['file']}: tensors differ: {sorted(old.keys() ^ tensors.keys())}")
        for key in old.keys() & tensors.keys():
            worst = float((old[key] - tensors[key]).abs().max() / old[key].abs().max().clamp(min=1e-30))
            if worst > (0 if key.startswith("w.") else 1e-10):
                failed.append(f"{entry['file']}: {key} is off by {worst:.3g}")
    print(*failed, f"{len(made)} cases, {len(failed)} differences", sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
