"""The `refined` protocol of Dextr on a NAS-Bench-201 network.

Observed maps ("flow"), a property of the graph alone, so that the same network
scores the same however it was written down:

* the output of every activation;
* every live operand of every merge (sum or concatenation) that has at least
  two live operands. A value is live when it can depend on the input: a `none`
  edge, and whatever hangs only on such edges, is not.

Maps with one column (global pool, logits) are left out. K is the mean of
ln(1 + kappa) over m curves of the image's own size, over all outputs.
"""
from __future__ import annotations
import math
import torch
from torch import Tensor
import dextr_reference as R


def live_edges(arch: str) -> tuple[list[bool], list[bool]]:
    """Which of the six edges, and of the four nodes, can depend on the input."""
    ops, edge, node = R.parse(arch), [False] * 6, [True, False, False, False]
    for t in (1, 2, 3):
        for e, (src, dst) in enumerate(R.EDGES):
            if dst == t and ops[e] != "none" and node[src]:
                edge[e] = node[t] = True
    return edge, node


def flow_names(arch: str, cells: int) -> set[tuple[str, str]]:
    """(name, kind) of the observed maps of NB201(arch, N=cells), activations aside."""
    edge, node = live_edges(arch)
    out = set()
    for s in range(3):
        for n in range(cells):
            if not node[3]:
                continue
            cell = f"stage{s}.cell{n}"
            for t in (2, 3):
                es = [e for e, (_, d) in enumerate(R.EDGES) if d == t and edge[e]]
                if len(es) >= 2:
                    out |= {(f"{cell}.edge{e}", k) for e in es for k in ("op", "skip")}
        if s < 2:
            out |= {(f"red{s}.b", "op"), (f"red{s}.res", "seq")}
    return out


def flow_ratios(net: R.NB201, image: Tensor, svd_dtype=torch.float64) -> list[R.Ratio]:
    """Ratios of the observed maps, in execution order. Under 1e-6 a ratio is 0."""
    names, out = flow_names(net.arch, net.N), []

    def tap(name, kind, value):
        if kind == "relu" or (name, kind) in names:
            r = R.feature_ratio(name, kind, value, svd_dtype)
            out.append(r if r.ratio >= 1e-6 else r._replace(ratio=0.0))
    net.forward(R.Jet(image), tap)
    return out


def curves(size: int, m: int, seed: int = 0, dtype=torch.float32) -> list[Tensor]:
    """m bases (3*size*size, 2), orthogonal columns of unit-variance pixels."""
    rho = math.sqrt(3 * size * size / 2)
    return [R.curve_basis((3, size, size), torch.Generator().manual_seed(7919 * (seed + 1) + j), dtype) * rho
            for j in range(m)]


def refined(net: R.NB201, image: Tensor, bases: list[Tensor]) -> dict:
    """Score with its parts. A network whose output cannot move scores 0 (`disconnected`)."""
    size = image.shape[-1]
    ratios = flow_ratios(net, image)
    jets = [net.forward(R.curve_jet(b, (3, size, size))) for b in bases]
    kappa = [R.curvature(j.d[0], j.a[0]) for j in jets]
    connected = live_edges(net.arch)[1][3] and any(math.isfinite(k) for k in kappa)
    S = math.log1p(sum(r.ratio for r in ratios))
    ks = [math.log1p(k) for k in kappa if math.isfinite(k)]
    K = sum(ks) / len(ks) if ks else 0.0
    score = S * K / (S + K) if connected and S + K > 0 else 0.0
    return dict(status="ok" if connected else "disconnected", score=score, s=S, k=K, kappa=kappa,
                ratios=ratios, y=[j.v[0] for j in jets], dy=[j.d[0] for j in jets], ddy=[j.a[0] for j in jets])
