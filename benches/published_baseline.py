#!/usr/bin/env python3
"""What the published procedure costs: one NAS-Bench-201 cell after the other, in PyTorch, on one CPU thread.

    pip install torch safetensors
    python benches/published_baseline.py --cells 20 --seed 0
    python benches/published_baseline.py --cells cells.csv      # lines with a cell string in them
    python benches/published_baseline.py --check                # against tests/golden, no timing

For each cell: build the network; S from one forward pass of an image with a
hook on every module and the singular values (LAPACK, f32) of each module's
output; κ of one 3×64×64 curve in ten outputs drawn at random, with both
derivatives by automatic differentiation (twenty backward passes). One line of
JSON a cell, a summary to standard error.

This is our own program, written from the method's description; the procedure
is the published one, the code is not. Only κ's last step differs: it takes the
form that does not cancel, in f64.
"""
from __future__ import annotations
import argparse
import json
import math
import os
import random
import re
import statistics
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "golden"
sys.path.insert(0, str(GOLDEN))
from dextr_reference import OPS, combine, curvature, parse  # noqa: E402

CELL = re.compile(r"\|[\w~|+]+\|")
CURVE = (3, 64, 64)
OUTPUTS = 10


# ------------------------------------------------------------------------ network
class Wrapped(nn.Module):
    """A module around another, as the benchmark's operations and blocks are."""

    def __init__(self, seq: nn.Module):
        super().__init__()
        self.seq = seq

    def forward(self, x: Tensor) -> Tensor:
        return self.seq(x)


class Zero(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 0.0


def named(**modules: nn.Module) -> nn.Sequential:
    seq = nn.Sequential()
    for name, module in modules.items():
        seq.add_module(name, module)
    return seq


def relu_conv_bn(i: int, o: int, k: int, stride: int = 1, in_cell: bool = True) -> nn.Module:
    """In a cell the convolution has a bias and the norm no affine; elsewhere the other way round."""
    return Wrapped(named(
        relu=nn.ReLU(), conv=nn.Conv2d(i, o, k, stride, k // 2, bias=in_cell), bn=nn.BatchNorm2d(o, affine=not in_cell)))


def operation(name: str, c: int) -> nn.Module:
    if name == "none":
        return Zero()
    if name == "skip_connect":
        return nn.Identity()
    if name == "avg_pool_3x3":
        return Wrapped(nn.AvgPool2d(3, 1, 1, count_include_pad=False))
    return relu_conv_bn(c, c, int(name[-1]))


class Cell(nn.Module):
    """Nodes 0 to 3; every node is the sum of one operation on each node before it."""

    def __init__(self, ops: list[str], c: int):
        super().__init__()
        for e, op in enumerate(ops):
            self.add_module(f"edge{e}", operation(op, c))

    def forward(self, x: Tensor) -> Tensor:
        nodes, e = [x], 0
        for _ in range(3):
            total = None
            for source in list(nodes):
                part = getattr(self, f"edge{e}")(source)
                total, e = part if total is None else total + part, e + 1
            nodes.append(total)
        return nodes[-1]


class Reduction(nn.Module):
    """Halves the image and doubles the channels."""

    def __init__(self, c: int):
        super().__init__()
        self.a = relu_conv_bn(c, 2 * c, 3, 2, in_cell=False)
        self.b = relu_conv_bn(2 * c, 2 * c, 3, in_cell=False)
        self.res = named(pool=nn.AvgPool2d(2), conv=nn.Conv2d(c, 2 * c, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        deep = self.b(self.a(x))
        return self.res(x) + deep


class Head(nn.Module):
    def __init__(self, c: int):
        super().__init__()
        self.act = named(bn=nn.BatchNorm2d(c), relu=nn.ReLU())
        self.gap = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        return self.gap(self.act(x)).flatten(1)


def build(arch: str, width: int = 16, cells: int = 5) -> nn.Module:
    """The network in train mode, with PyTorch's own initialisation."""
    ops, net = parse(arch), nn.Sequential()
    net.add_module("stem", Wrapped(named(conv=nn.Conv2d(3, width, 3, padding=1, bias=False), bn=nn.BatchNorm2d(width))))
    for s in range(3):
        c = width << s
        net.add_module(f"stage{s}", named(**{f"cell{n}": Cell(ops, c) for n in range(cells)}))
        if s < 2:
            net.add_module(f"red{s}", Reduction(c))
    net.add_module("head", Head(4 * width))
    net.add_module("fc", nn.Linear(4 * width, OUTPUTS))
    return net.train()


# -------------------------------------------------------------------------- score
def module_ratios(net: nn.Module, image: Tensor) -> list[float]:
    """σ_min/σ_max of every module's output for the first sample, in the order of execution."""
    ratios: list[float] = []

    def hook(module, inputs, output):
        sigma = torch.linalg.svdvals(output[0].detach().reshape(output.shape[1], -1))
        lo, hi = float(sigma[-1]), float(sigma[0])
        ratios.append(lo / hi if hi > 0 else 0.0)

    hooks = [module.register_forward_hook(hook) for module in net.modules()]
    with torch.no_grad():
        net(image)
    for h in hooks:
        h.remove()
    return ratios


def curve_derivatives(net: nn.Module, U: Tensor, coords: list[int]) -> tuple[Tensor, Tensor]:
    """First and second derivative of the given outputs along the curve, at theta = 0."""
    theta = torch.zeros((), requires_grad=True, device=U.device)
    x = U[:, 0] * theta.cos() + U[:, 1] * theta.sin()
    y = net(x.view(1, *CURVE))[0]
    first = [torch.autograd.grad(y[i], theta, create_graph=True)[0] for i in coords]
    second = [torch.autograd.grad(d, theta, retain_graph=True, allow_unused=True)[0] for d in first]
    zero = torch.zeros((), device=U.device)
    return torch.stack(first).detach(), torch.stack([zero if a is None else a for a in second])


def now(device: torch.device) -> float:
    """The time when the device has done what it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return time.perf_counter()


def score(arch: str, image: Tensor, seed: int, width: int = 16, cells: int = 5) -> dict:
    """One cell on the image's device, with the seconds of each part."""
    device = image.device
    torch.manual_seed(seed)
    start = now(device)
    net = build(arch, width, cells).to(device)
    built = now(device)
    ratios = module_ratios(net, image)
    seen = now(device)
    U = torch.linalg.qr(torch.randn(math.prod(CURVE), 2))[0].to(device)
    coords = torch.randint(OUTPUTS, (10,)).tolist()
    kappa = curvature(*(d.cpu() for d in curve_derivatives(net, U, coords)))
    done = now(device)
    parts = combine(sum(ratios), kappa)
    defined = math.isfinite(kappa)
    return {
        "arch": arch, "seed": seed,
        "seconds": {"build": built - start, "s": seen - built, "kappa": done - seen, "total": done - start},
        "score": parts["dextr"] if defined else parts["svd_term"], "s": parts["svd_term"],
        "k": parts["curv_term"] if defined else None, "curvature": kappa if defined else None,
        "ratio_sum": parts["ratio_sum"], "modules": len(ratios), "params": sum(p.numel() for p in net.parameters()),
    }


# ------------------------------------------------------------------ command line
def read_cells(what: str, seed: int) -> list[str]:
    """N cells at random, or the first cell string of each line of a file."""
    if what.isdecimal():
        draw = random.Random(seed)
        ops = lambda target: "|" + "|".join(f"{draw.choice(OPS)}~{source}" for source in range(target)) + "|"
        return ["+".join(ops(target) for target in (1, 2, 3)) for _ in range(int(what))]
    lines = Path(what).read_text().splitlines()
    return [found.group() for found in map(CELL.search, lines) if found]


def check() -> int:
    """The golden cases: the same modules, ratios and derivatives."""
    failed = 0
    for case in json.loads((GOLDEN / "manifest.json").read_text())["cases"]:
        stored = load_file(GOLDEN / case["file"])
        net = build(case["arch"], case["C"], case["N"])
        weights = {}
        for name in net.state_dict():
            plain = re.sub(r"\b(seq|act)\.", "", name)
            key = "w." + ("head." + plain if plain.startswith("fc.") else plain)
            weights[name] = stored.get(key, net.state_dict()[name])
        net.load_state_dict(weights)
        ratios = torch.tensor(module_ratios(net, stored["image"]), dtype=torch.float64)
        right = stored["ratio"]
        same = ratios.shape == right.shape and sum(p.numel() for p in net.parameters()) == case["n_params"]
        worst = float((ratios - right).abs().max()) if same else math.inf
        first, second = curve_derivatives(net, stored["curve_basis"], range(OUTPUTS))
        off = [float((found.double() - stored[name]).abs().max() / stored[name].abs().max().clamp_min(1e-300))
               for found, name in ((first, "dy"), (second, "ddy"))]
        coords = stored["coords"]
        kappa, golden = curvature(first[coords], second[coords]), case["kappa"]
        bad = not (worst < 1e-5 and max(off) < 1e-4 and math.isfinite(kappa) == (golden is not None))
        failed += bad
        print(f"{case['name']:14} modules {len(ratios):4}  ratios {worst:.1e}  y' {off[0]:.1e}  y'' {off[1]:.1e}  "
              f"kappa {kappa:.6g} ({golden})  {'FAILED' if bad else 'ok'}")
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", default="20", metavar="FILE|N", help="file with cell strings, or how many to draw")
    parser.add_argument("--seed", type=int, default=0, help="of the cells, the weights, the curve and the outputs")
    parser.add_argument("--device", default="cpu", help="cpu, or a card as torch names it, such as cuda")
    parser.add_argument("--check", action="store_true", help="compare with tests/golden instead")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    if args.check:
        return check()
    cells = read_cells(args.cells, args.seed)
    if not cells:
        parser.error(f"{args.cells}: no cell string (such as |nor_conv_3x3~0|+|…|+|…|) in any line")
    if args.device != "cpu" and not torch.cuda.is_available():
        parser.error(f"--device {args.device}: this torch has no GPU")
    image = load_file(GOLDEN / "nb201_skip.safetensors")["image"].to(args.device)
    score(cells[0], image, args.seed)          # warm up
    seconds = []
    for arch in cells:
        row = score(arch, image, args.seed)
        seconds.append(row["seconds"])
        print(json.dumps(row), flush=True)
    for part in ("build", "s", "kappa", "total"):
        values = [s[part] for s in seconds]
        print(f"{part:6} mean {statistics.mean(values):.4f} s, median {statistics.median(values):.4f} s "
              f"over {len(values)} cells", file=sys.stderr)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
