#!/usr/bin/env python3
"""Make, or check, the golden fixtures of this folder with the reference implementation.

    python make.py                 make every file again
    python make.py --check         recompute every value, compare with the files, change nothing
    python make.py --photo FILE    where the picture comes from when no fixture has it yet

What is random (weights, image, curves, output coordinates) is taken from the
file that is there, so that making a fixture again gives the same numbers; it
is drawn only where there is no file. Values never are: they are computed.

Derivatives come from double automatic differentiation, in f64; the jets of
dextr_reference.py must agree with them (`jet_vs_autograd*`, `jet_abs_err`).

Needs torch, numpy and safetensors (and Pillow for --photo).
"""
from __future__ import annotations
import argparse
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
import refined as refined_protocol

HERE = Path(__file__).resolve().parent
CURVE = (3, 64, 64)          # the published curve
SIZE, CURVES = 32, 4         # the refined curves


class Case(NamedTuple):
    """A NAS-Bench-201 network to make a fixture of."""
    name: str
    arch: str
    C: int
    N: int
    affine_bn: bool          # batch norms with random weight and bias, to test them
    image: str               # photo | noise
    accuracy: float          # CIFAR-10 test accuracy in the benchmark, for orientation


CASES = (
    Case("none", "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|", 8, 1, False, "photo", 10.0),
    Case("skip", "|skip_connect~0|+|skip_connect~0|skip_connect~1|+|skip_connect~0|skip_connect~1|skip_connect~2|",
         8, 1, False, "photo", 54.29666666666666),
    Case("best", "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|",
         8, 1, False, "photo", 94.36333333333334),
    Case("pool", "|avg_pool_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|avg_pool_3x3~0|skip_connect~1|avg_pool_3x3~2|",
         8, 1, False, "photo", 75.96000000000001),
    Case("mixed_affine", "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|nor_conv_3x3~2|",
         8, 2, True, "noise", 93.475),
    Case("full_light", "|skip_connect~0|+|avg_pool_3x3~0|skip_connect~1|+|nor_conv_1x1~0|none~1|avg_pool_3x3~2|",
         16, 5, False, "photo", 85.18666666666667),
)
OUTPUTS = 10                 # of every network here


# ------------------------------------------------- double automatic differentiation
def derivatives(f: Callable[[Tensor], Tensor], dtype: torch.dtype) -> tuple[Tensor, Tensor, Tensor]:
    """f, f', f'' at theta = 0 of a tensor-valued f of one number, one output after the other."""
    theta = torch.zeros((), dtype=dtype, requires_grad=True)
    y = f(theta)
    first, second = [], []
    for out in y.flatten():
        d = a = None
        if out.requires_grad:
            d, = torch.autograd.grad(out, theta, create_graph=True, allow_unused=True)
        if d is not None and d.requires_grad:
            a, = torch.autograd.grad(d, theta, retain_graph=True, allow_unused=True)
        first.append(0.0 if d is None else d.item())
        second.append(0.0 if a is None else a.item())
    as_y = lambda values: torch.tensor(values, dtype=dtype).view_as(y)
    return y.detach(), as_y(first), as_y(second)


def along_circle(net: Callable[[Tensor], Tensor], U: Tensor, shape) -> tuple[Tensor, Tensor, Tensor]:
    """y, y', y'' of net(U0 cos(theta) + U1 sin(theta)) at theta = 0, sample 0."""
    def f(theta):
        return net((U[:, 0] * theta.cos() + U[:, 1] * theta.sin()).reshape(1, *shape))[0]
    return derivatives(f, U.dtype)


def relative(a: Tensor, b: Tensor) -> float:
    """Largest difference, relative to b's largest entry (absolute where b is zero)."""
    scale = float(b.abs().max())
    return float((a - b).abs().max()) / (scale if scale > 0 else 1.0)


def number(x: float | None) -> float | None:
    """JSON has no NaN: an undefined value is null."""
    return x if x is not None and math.isfinite(x) else None


# ----------------------------------------------------------------- NAS-Bench-201
class Stored:
    """The random parts of the fixtures: from the files that are there, else drawn."""

    def __init__(self, photo: Path | None):
        self.photo = photo
        self.files: dict[str, dict[str, Tensor]] = {}

    def file(self, name: str) -> dict[str, Tensor]:
        if name not in self.files:
            path = HERE / name
            self.files[name] = load_file(path) if path.exists() else {}
        return self.files[name]

    def get(self, file: str, tensor: str, draw: Callable[[], Tensor]) -> Tensor:
        stored = self.file(file)
        return stored[tensor] if tensor in stored else draw().contiguous()

    def image(self, case: Case, file: str, gen: torch.Generator) -> Tensor:
        def draw():
            if case.image == "noise":
                return torch.randn(1, 3, SIZE, SIZE, generator=gen)
            for other in CASES:
                stored = self.file(f"nb201_{other.name}.safetensors")
                if other.image == "photo" and "image" in stored:
                    return stored["image"]
            if self.photo is None:
                sys.exit("no fixture has the photo: give it with --photo FILE (china.jpg of scikit-learn)")
            return reduce_photo(self.photo)
        return self.get(file, "image", draw)


def reduce_photo(path: Path) -> Tensor:
    """The middle square of a picture at 32x32, with CIFAR-10's usual mean and deviation."""
    import numpy as np
    from PIL import Image
    picture = Image.open(path).convert("RGB")
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    picture = picture.crop((left, top, left + side, top + side)).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    x = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None].float() / 255
    mean = torch.tensor([0.4914, 0.4822, 0.4465]).view(1, 3, 1, 1)
    std = torch.tensor([0.2023, 0.1994, 0.2010]).view(1, 3, 1, 1)
    return (x - mean) / std


def network(case: Case, file: str, stored: Stored, gen: torch.Generator) -> R.NB201:
    """The network with the stored weights, in f32."""
    net = R.NB201(case.arch, case.C, case.N, OUTPUTS, gen=gen)
    if case.affine_bn:
        for name, w in net.w.items():
            if ".bn." in name:
                r = torch.rand(w.shape, generator=gen)
                net.w[name] = r + 0.5 if name.endswith("weight") else 0.4 * r - 0.2
    for name, w in list(net.w.items()):
        net.w[name] = stored.get(file, "w." + name, lambda: w)
        assert net.w[name].shape == w.shape, (file, name)
    return net


def in_dtype(net: R.NB201, dtype: torch.dtype) -> R.NB201:
    """A copy of the network with its weights converted."""
    copy = R.NB201(net.arch, net.C, net.N, net.classes, dtype=dtype)
    copy.w = {name: w.to(dtype) for name, w in net.w.items()}
    return copy


def layers_policy(ratios: list[R.Ratio]) -> float:
    """Sum over each leaf once, maps of a single column aside (policy `layers`)."""
    return sum(r.ratio for r in ratios
               if r.kind in ("conv", "bn", "relu", "pool", "zero", "skip") and r.ratio >= 1e-6)


def nasbench201(case: Case, stored: Stored) -> tuple[dict, dict[str, Tensor]]:
    """Manifest entry and tensors of one case."""
    file = f"nb201_{case.name}.safetensors"
    gen = torch.Generator().manual_seed(20250801 + CASES.index(case))
    net = network(case, file, stored, gen)
    net64 = in_dtype(net, torch.float64)
    image = stored.image(case, file, gen)
    U = stored.get(file, "curve_basis", lambda: R.curve_basis(CURVE, gen))
    coords = stored.get(file, "coords", lambda: torch.randint(OUTPUTS, (10,), generator=gen))
    bases = stored.get(file, "refined.curve_bases", lambda: torch.stack(refined_protocol.curves(SIZE, CURVES)))

    # published: every module, one curve of 3x64x64, outputs drawn with repeats
    ratios = R.layer_ratios(net, image)
    ratios64 = R.layer_ratios(net64, image.double())
    y, dy, ddy = along_circle(lambda x: net64.forward(R.Jet(x)).v, U.double(), CURVE)
    jet = net64.forward(R.curve_jet(U.double(), CURVE))
    _, dy32, ddy32 = along_circle(lambda x: net.forward(R.Jet(x)).v, U, CURVE)
    jet32 = net.forward(R.curve_jet(U, CURVE))
    kappa = R.curvature(dy[coords], ddy[coords])
    score = R.combine(sum(r.ratio for r in ratios), kappa)

    # refined: the policy `flow`, four curves of 3x32x32, all outputs
    shape = (3, SIZE, SIZE)
    flow = refined_protocol.flow_ratios(net, image)
    curves = [along_circle(lambda x: net64.forward(R.Jet(x)).v, b.double(), shape) for b in bases]
    fine = refined_protocol.refined(net64, image.double(), list(bases.double()))
    fine32 = refined_protocol.refined(net, image, list(bases))
    fy, fdy, fddy = (torch.stack([c[i] for c in curves]) for i in range(3))
    fkappa = [R.curvature(d, a) for d, a in zip(fdy, fddy)]
    defined = [math.log1p(k) for k in fkappa if math.isfinite(k)]
    s = math.log1p(sum(r.ratio for r in flow))
    k = sum(defined) / len(defined) if defined else 0.0
    live = fine["status"] == "ok"

    entry = {
        "name": case.name, "file": file, "arch": case.arch, "C": case.C, "N": case.N, "classes": OUTPUTS,
        "affine_bn": case.affine_bn, "image": case.image, "n_params": net.n_params(),
        "test_accuracy": case.accuracy, "coords": coords.tolist(),
        "modules": [{"name": r.name, "kind": r.kind, "shape": list(r.shape), "smin": r.smin, "smax": r.smax,
                     "ratio": r.ratio, "ratio_f64_features": q.ratio} for r, q in zip(ratios, ratios64)],
        "ratio_sum": score["ratio_sum"], "svd_term": score["svd_term"], "kappa": number(kappa),
        "curv_term": number(score["curv_term"]), "dextr": number(score["dextr"]),
        "authors_fallback_score": None if math.isfinite(kappa) else score["svd_term"],
        "kappa_all_outputs": number(R.curvature(dy, ddy)),
        "kappa_f32_jet": number(R.curvature(jet32.d[0][coords], jet32.a[0][coords])),
        "kappa_f32_autograd": number(R.curvature(dy32[coords], ddy32[coords])),
        "jet_vs_autograd_f64": {"dy": relative(jet.d[0], dy), "ddy": relative(jet.a[0], ddy)},
        "refined": {
            "status": fine["status"], "s": s, "k": k, "score": s * k / (s + k) if live and s + k > 0 else 0.0,
            "ratio_sum": sum(r.ratio for r in flow), "kappa": [number(x) for x in fkappa],
            "kappa_f32": [number(x) for x in fine32["kappa"]],
            "observed": [{"name": r.name, "kind": r.kind, "shape": list(r.shape), "ratio": r.ratio} for r in flow],
            "jet_vs_autograd_f64": {"dy": max(map(relative, fine["dy"], fdy)),
                                    "ddy": max(map(relative, fine["ddy"], fddy))},
            "ratio_sum_layers_policy": layers_policy(ratios),
        },
    }
    tensors = {"w." + name: w for name, w in net.w.items()}
    tensors |= {"image": image, "curve_basis": U, "coords": coords, "y": y, "dy": dy, "ddy": ddy,
                "refined.curve_bases": bases, "refined.y": fy, "refined.dy": fdy, "refined.ddy": fddy}
    for name in ("smin", "smax", "ratio"):
        tensors[name] = torch.tensor([getattr(r, name) for r in ratios], dtype=torch.float64)
    return entry, tensors


# ------------------------------------------------------------------------ jet_ops
class JetOp(NamedTuple):
    """One operation: its input's shape, its parameters, itself in plain torch and on jets."""
    name: str
    shape: tuple
    weights: dict[str, tuple]
    plain: Callable
    jet: Callable
    setting: str | None


def per_channel(t: Tensor) -> Tensor:
    return t.view(1, -1, 1, 1)


JET_OPS = (
    JetOp("conv", (2, 3, 6, 6), {"w": (4, 3, 3, 3)},
          lambda x, w: F.conv2d(x, w["w"], stride=2, padding=1),
          lambda x, w: R.conv2d(x, w["w"], stride=2, padding=1),
          "stride 2, padding 1, no bias, weight conv.w"),
    JetOp("linear", (4, 6), {"w": (5, 6), "b": (5,)},
          lambda x, w: F.linear(x, w["w"], w["b"]),
          lambda x, w: R.linear(x, w["w"], w["b"]), "weight linear.w, bias linear.b"),
    JetOp("relu", (3, 7), {}, lambda x, w: F.relu(x), lambda x, w: R.relu(x), "derivative 0 at 0"),
    JetOp("gelu", (3, 7), {}, lambda x, w: F.gelu(x), lambda x, w: R.gelu(x), "erf form"),
    JetOp("batchnorm", (1, 3, 5, 5), {"g": (3,), "b": (3,)},
          lambda x, w: F.batch_norm(x, None, None, w["g"], w["b"], training=True, eps=R.EPS),
          lambda x, w: R.normalise(x, (0, 2, 3), R.EPS, per_channel(w["g"]), per_channel(w["b"])),
          "one sample, batch statistics (biased) over H, W, eps 1e-5, affine batchnorm.g, batchnorm.b"),
    JetOp("layernorm", (2, 4, 6), {},
          lambda x, w: F.layer_norm(x, x.shape[-1:], eps=R.EPS),
          lambda x, w: R.normalise(x, (-1,), R.EPS), "last axis, eps 1e-5, no affine"),
    JetOp("softmax", (3, 5), {}, lambda x, w: x.softmax(-1), lambda x, w: R.softmax(x), "last axis"),
    JetOp("avgpool3_nopadcount", (1, 2, 5, 5), {},
          lambda x, w: F.avg_pool2d(x, 3, 1, 1, count_include_pad=False),
          lambda x, w: R.avg_pool(x, kernel_size=3, stride=1, padding=1, count_include_pad=False),
          "kernel 3, stride 1, padding 1, padding not counted"),
    JetOp("maxpool3s2p1", (1, 2, 6, 6), {},
          lambda x, w: F.max_pool2d(x, 3, 2, 1), lambda x, w: R.max_pool(x, 3, 2, 1),
          "kernel 3, stride 2, padding 1"),
    JetOp("globalpool", (2, 3, 4, 4), {},
          lambda x, w: x.mean((2, 3)), lambda x, w: R.Jet(*(t.mean((2, 3)) for t in x)), "mean over H, W"),
    JetOp("self_product", (2, 6, 5), {},
          lambda x, w: x @ x.transpose(-1, -2),
          lambda x, w: R.product(x, R.Jet(*(t.transpose(-1, -2) for t in x))), "x @ transpose(x)"),
)


def jet_ops(stored: Stored) -> tuple[dict, dict[str, Tensor]]:
    """Each operation's jet, by automatic differentiation along v + d t + a t²/2."""
    file, gen = "jet_ops.safetensors", torch.Generator().manual_seed(11)
    tensors: dict[str, Tensor] = {}
    rows = []

    def get(name, shape):
        tensors[name] = stored.get(file, name, lambda: torch.randn(shape, generator=gen, dtype=torch.float64))
        return tensors[name]

    for op in JET_OPS:
        w = {name: get(f"{op.name}.{name}", shape) for name, shape in op.weights.items()}
        x = R.Jet(*(get(f"{op.name}.in.{part}", op.shape) for part in "vda"))
        out = derivatives(lambda t: op.plain(x.v + x.d * t + x.a * (t * t / 2), w), torch.float64)
        for part, value in zip("vda", out):
            tensors[f"{op.name}.out.{part}"] = value
        rows.append({"op": op.name, "jet_abs_err": [float((p - q).abs().max()) for p, q in zip(op.jet(x, w), out)]})
    return {"file": file, "ops": rows, "settings": {op.name: op.setting for op in JET_OPS}}, tensors


# ----------------------------------------------------------------------- vit_tiny
VIT = {"D": 16, "heads": 2, "depth": 2, "patch": 4, "size": 16, "classes": 10, "ln_eps": 1e-5}


def each(x: R.Jet, f: Callable[[Tensor], Tensor]) -> R.Jet:
    """The same linear rearrangement of all parts of a jet."""
    return R.Jet(*(None if t is None else f(t) for t in x))


def vit_forward(w: dict[str, Tensor], x: R.Jet) -> R.Jet:
    """A pre-norm transformer with relative positions; see `vit_tiny` in the manifest.

    The qkv layer's rows are q, k, v, each split into heads; `rk` and `rv` (query
    token, key token, head dimension) are shared by the heads; token 0 is `cls`.
    """
    D, H = VIT["D"], VIT["heads"]
    d = D // H

    def norm(t):
        return R.normalise(t, (-1,), VIT["ln_eps"])

    t = R.conv2d(x, w["pe"], w["pb"], stride=VIT["patch"])
    t = each(t, lambda z: z.flatten(2).transpose(1, 2))
    # the class token and the positions are constants: they enter the value alone
    t = each(t, lambda z: torch.cat([torch.zeros_like(z[:, :1]), z], 1))
    t = t._replace(v=t.v + w["pos"] + F.pad(w["cls"], (0, 0, 0, t.v.shape[1] - 1)))
    for i in range(VIT["depth"]):
        b = {name.removeprefix(f"block{i}."): value for name, value in w.items()}
        n = t.v.shape[1]
        qkv = R.linear(norm(t), b["qkv"], b["qb"])
        q, k, v = (each(qkv, lambda z, j=j: z.view(-1, n, 3, H, d).permute(2, 0, 3, 1, 4)[j]) for j in range(3))
        logits = R.product(q, each(k, lambda z: z.transpose(-1, -2)))
        logits = logits + R.linear_map(lambda z: torch.einsum("bhnd,nmd->bhnm", z, b["rk"]), q)
        attention = R.softmax(each(logits, lambda z: z / math.sqrt(d)))
        out = R.product(attention, v)
        out = out + R.linear_map(lambda z: torch.einsum("bhnm,nmd->bhnd", z, b["rv"]), attention)
        out = each(out, lambda z: z.transpose(1, 2).reshape(-1, n, D))
        t = t + R.linear(out, b["pw"], b["pb"])
        t = t + R.linear(R.gelu(R.linear(norm(t), b["f1"], b["b1"])), b["f2"], b["b2"])
    return R.linear(each(norm(t), lambda z: z[:, 1:].mean(1)), w["hw"], w["hb"])


def vit_shapes() -> dict[str, tuple]:
    """Names and shapes of the transformer's weights."""
    D, H, p, tokens = VIT["D"], VIT["heads"], VIT["patch"], (VIT["size"] // VIT["patch"]) ** 2 + 1
    shapes = {"pe": (D, 3, p, p), "pb": (D,), "cls": (1, 1, D), "pos": (1, tokens, D)}
    for i in range(VIT["depth"]):
        block = {"qkv": (3 * D, D), "qb": (3 * D,), "rk": (tokens, tokens, D // H), "rv": (tokens, tokens, D // H),
                 "pw": (D, D), "pb": (D,), "f1": (4 * D, D), "b1": (4 * D,), "f2": (D, 4 * D), "b2": (D,)}
        shapes |= {f"block{i}.{name}": shape for name, shape in block.items()}
    return shapes | {"hw": (VIT["classes"], D), "hb": (VIT["classes"],)}


def vit_tiny(stored: Stored) -> tuple[dict, dict[str, Tensor]]:
    """Manifest entry and tensors of the transformer."""
    file, gen = "vit_tiny.safetensors", torch.Generator().manual_seed(12)
    shape = (3, VIT["size"], VIT["size"])
    w = {name: stored.get(file, name, lambda: 0.2 * torch.randn(s, generator=gen, dtype=torch.float64))
         for name, s in vit_shapes().items()}
    U = stored.get(file, "curve_basis", lambda: R.curve_basis(shape, gen, torch.float64))
    y, dy, ddy = along_circle(lambda x: vit_forward(w, R.Jet(x)).v, U, shape)
    jet = vit_forward(w, R.curve_jet(U, shape))
    entry = {"file": file} | VIT | {
        "pool": "mean of patch tokens after final LayerNorm (no affine)",
        "block": "t+=proj(attn(LN(t))); t+=fc2(gelu(fc1(LN(t)))); attn logits = (q k^T + sum_d q[n,d] rk[n,m,d])"
                 " / sqrt(D/H); out = attn v + sum_m attn[n,m] rv[n,m,:]",
        "kappa": R.curvature(dy, ddy), "dtype": "float64",
        "jet_vs_autograd": [relative(jet.d[0], dy), relative(jet.a[0], ddy)],
    }
    return entry, w | {"curve_basis": U, "y": y, "dy": dy, "ddy": ddy}


# ------------------------------------------------------------------ make and check
def make(stored: Stored) -> tuple[dict, dict[str, dict[str, Tensor]]]:
    """The manifest and all files, computed."""
    files: dict[str, dict[str, Tensor]] = {}
    manifest = {
        "format": 1,
        "definition": "score=S*K/(S+K); S=ln(1+sum ratio); K=ln(1+kappa)",
        "bn_eps": R.EPS, "curve_theta": 0.0, "curve_shape": list(CURVE),
        "note": "ratios: float64 SVD of float32 features (one 32x32 image, BN batch statistics). y,dy,ddy,kappa: "
                "float64 arithmetic on the float32 weights and float32 U; kappa_f32_*: the same in float32 "
                "(tolerance guide).",
        "cases": [],
    }
    for case in CASES:
        entry, tensors = nasbench201(case, stored)
        manifest["cases"].append(entry)
        files[entry["file"]] = tensors
    for name, build in (("jet_ops", jet_ops), ("vit_tiny", vit_tiny)):
        manifest[name], files[manifest[name]["file"]] = build(stored)
    return manifest, files


class Tolerance(NamedTuple):
    """How far a recomputed number may be from the stored one."""
    limit: float
    of: str                  # absolute | relative | noise: both are rounding noise below the limit


RATIO, F64, F32 = Tolerance(1e-6, "absolute"), Tolerance(1e-10, "relative"), Tolerance(1e-2, "relative")
SUM, NOISE = Tolerance(1e-6, "relative"), Tolerance(1e-12, "noise")
# By the last word of a value's place that is listed here.
TOLERANCES = {
    "ratio": RATIO, "ratio_f64_features": Tolerance(1e-9, "absolute"), "smin": Tolerance(1e-3, "absolute"),
    "smax": Tolerance(1e-5, "relative"), "ratio_sum": SUM, "svd_term": SUM, "s": SUM, "dextr": SUM, "score": SUM,
    "authors_fallback_score": SUM, "ratio_sum_layers_policy": SUM,
    "kappa": F64, "kappa_all_outputs": F64, "curv_term": F64, "k": F64, "y": F64, "dy": F64, "ddy": F64,
    "refined.y": F64, "refined.dy": F64, "refined.ddy": F64, "out.v": F64, "out.d": F64, "out.a": F64,
    "kappa_f32_jet": F32, "kappa_f32_autograd": F32, "kappa_f32": F32,
    "jet_vs_autograd_f64": NOISE, "jet_vs_autograd": NOISE, "jet_abs_err": NOISE,
    "test_accuracy": F64, "bn_eps": F64, "ln_eps": F64, "curve_theta": F64,
}


class Check:
    """Compares recomputed values with stored ones and keeps the largest difference of each kind."""

    def __init__(self):
        self.worst: dict[str, tuple[float, int, str]] = {}
        self.failed: list[str] = []

    def difference(self, kind: str, place: str, tol: Tolerance, new: Tensor, old: Tensor):
        if tol.of == "noise":
            d = float(max(new.abs().max(), old.abs().max()))
        elif tol.of == "relative":
            d = relative(new, old)
        else:
            d = float((new - old).abs().max())
        before, count, where = self.worst.get(kind, (-1.0, 0, ""))
        self.worst[kind] = (max(d, before), count + old.numel(), place if d > before else where)
        if not d <= tol.limit:
            self.failed.append(f"{place}: {d:.3g} is over {tol.limit:g} ({tol.of})")

    def tree(self, new, old, place: str, kind: str = ""):
        """Everything in a manifest; numbers of a list are one vector."""
        if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
            for key in old:
                inner = kind if TOLERANCES.get(kind) is NOISE else key
                self.tree(new[key], old[key], f"{place}.{key}", inner)
        elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for i, (a, b) in enumerate(zip(new, old)):
                self.tree(a, b, f"{place}[{i}]", kind)
        elif isinstance(old, float) and isinstance(new, float) and kind in TOLERANCES:
            self.difference(kind, place, TOLERANCES[kind],
                            *(torch.tensor([x], dtype=torch.float64) for x in (new, old)))
        elif type(old) is not type(new) or old != new:
            self.failed.append(f"{place}: {str(new)[:60]!r} instead of {str(old)[:60]!r}")

    def file(self, name: str, new: dict[str, Tensor], old: dict[str, Tensor]):
        """Every computed tensor of a file; the drawn ones come from the file itself."""
        if new.keys() != old.keys():
            self.failed.append(f"{name}: tensors differ: {sorted(new.keys() ^ old.keys())}")
        for key in new.keys() & old.keys():
            kind = ".".join(key.split(".")[-2:]) if ".out." in key else key
            same_kind = new[key].dtype == old[key].dtype and new[key].shape == old[key].shape
            if not same_kind:
                self.failed.append(f"{name}: {key}: another type or shape")
            elif kind in TOLERANCES:
                self.difference(f"tensor {kind}", f"{name}: {key}", TOLERANCES[kind], new[key], old[key])
            elif not torch.equal(new[key], old[key]):
                self.failed.append(f"{name}: {key}: differs")

    def report(self) -> int:
        print(f"{'kind':32}{'values':>8}  {'largest difference':>20}  {'allowed':>18}  where")
        for kind, (d, count, where) in sorted(self.worst.items()):
            tol = TOLERANCES[kind.removeprefix("tensor ")]
            print(f"{kind:32}{count:8}  {d:20.3g}  {tol.limit:7g} {tol.of:>10}  {where}")
        for line in self.failed:
            print("FAILED", line)
        print(f"{sum(c for _, c, _ in self.worst.values())} values compared, {len(self.failed)} failed")
        return 1 if self.failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the files, change nothing")
    parser.add_argument("--photo", type=Path, help="picture to reduce where no fixture has it yet")
    args = parser.parse_args()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    stored = Stored(args.photo)
    manifest, files = make(stored)
    if args.check:
        check = Check()
        # through JSON, so that both sides have the same types
        check.tree(json.loads(json.dumps(manifest)), json.loads((HERE / "manifest.json").read_text()), "manifest")
        for name, tensors in files.items():
            check.file(name, tensors, stored.file(name))
        return check.report()
    for name, tensors in files.items():
        save_file({key: tensors[key].contiguous() for key in sorted(tensors)}, HERE / name)
    (HERE / "manifest.json").write_text(json.dumps(manifest, separators=(",", ":"), allow_nan=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
