"""What each proxy costs beside the same one in PyTorch, on one CPU thread.

    ./build.sh bench rivals [CELLS]      # DEXTR_PYTHON: a Python with torch and numpy

For each proxy: random cells of NAS-Bench-201 (5 by default) in single precision,
ours by one process that stays, the reference's (tests/golden/proxies_reference.py)
here, in turn. Both draw the weights and the images anew for every cell. The least
of three rounds counts, and a proxy's line has the sums over the cells.
"""
from __future__ import annotations
import itertools
import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "golden"))

import dextr_reference as network  # noqa: E402
import proxies_reference as proxies  # noqa: E402
import torch  # noqa: E402

DEXTR = ROOT / "target" / "release" / "dextr"
ROUNDS = 3
NOTATION = "|{}~0|+|{}~0|{}~1|+|{}~0|{}~1|{}~2|"


def images(count, size=32):
    return torch.randn(count, 3, size, size)


def gaussian(net):
    return proxies.init_weights(net, "gaussian", torch.Generator().manual_seed(0))


def gradients(net, batches=1):
    return [proxies.weight_grads(net, images(32), None) for _ in range(batches)]


def lswag(net):
    batches = [images(32), images(32)]
    found = [proxies.weight_grads(net, batch, None) for batch in batches]
    return proxies.lswag(found, proxies.relu_patterns(net, batches[0]))


def signs(shape):
    return torch.randint(0, 2, shape) * 2.0 - 1.0


def az_nas(net):
    weights = proxies.init_weights(net, "kaiming", torch.Generator().manual_seed(0))
    return proxies.az_parts(net, images(32), weights, signs)


REFERENCES = {
    "s": lambda net: proxies.s_term(net, images(1)),
    "l2_norm": lambda net: proxies.l2_norm(net.w),
    "zerolm": lambda net: proxies.zerolm(net.w),
    "meco": lambda net: proxies.meco(net, images(1, 64)),
    "meco_opt": lambda net: proxies.meco(net, images(1, 64), pick=lambda channels: torch.randperm(channels)[:8].tolist()),
    "naswot": lambda net: proxies.naswot(net, images(64)),
    "swap": lambda net: proxies.swap(net, images(16), gaussian(net)),
    "zen": lambda net: proxies.zen(net, images(16), images(16), gaussian(net)),
    "synflow": proxies.synflow,
    "grad_norm": lambda net: proxies.grad_norm(*gradients(net)),
    "snip": lambda net: proxies.snip(*gradients(net), net.w),
    "jacob_cov": lambda net: proxies.jacob_cov(net, images(32)),
    "zico": lambda net: proxies.zico(gradients(net, 2)),
    "lswag": lswag,
    "az_nas": az_nas,
}


class Ours:
    """A process that scores what it is told."""

    def __init__(self, proxy):
        arguments = ["score", "--space", "nasbench201", "--proxy", proxy, "--device", "cpu", "--threads", "1", "--format", "json", "--input", "-", "--out", "-"]
        self.process = subprocess.Popen([DEXTR, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    def seconds(self, cell):
        start = time.perf_counter()
        self.process.stdin.write(f"{cell}\n")
        self.process.stdin.flush()
        row = json.loads(self.process.stdout.readline())
        assert row["status"] == "ok", row
        return time.perf_counter() - start

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def connected(ops):
    """Whether anything flows from node 0 to node 3: else ours has nothing to do."""
    a, b, c, d, e, f = (op != "none" for op in ops)
    return d or a and (e or c and f) or b and f


def theirs(proxy, cell):
    start = time.perf_counter()
    net = network.NB201(cell)
    REFERENCES[proxy](net)
    return time.perf_counter() - start


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    torch.set_num_threads(1)
    torch.manual_seed(0)
    draw = random.Random(0)
    drawn = (draw.choices(network.OPS, k=6) for _ in itertools.count())
    cells = [NOTATION.format(*ops) for ops in itertools.islice(filter(connected, drawn), count)]
    print("| proxy | ours, ms a cell | PyTorch, ms a cell | ratio |\n|---|---|---|---|")
    for proxy in REFERENCES:
        best = [(float("inf"), float("inf"))] * len(cells)
        for _ in range(ROUNDS):
            ours = Ours(proxy)
            # The first of a process is not like the next ones.
            ours.seconds("nats:(1, 1, 1, 1, 1, 1)")
            for index, cell in enumerate(cells):
                best[index] = tuple(map(min, best[index], (ours.seconds(cell), theirs(proxy, cell))))
            ours.end()
        mine, other = (1e3 * sum(column) / len(cells) for column in zip(*best))
        print(f"| `{proxy}` | {mine:.1f} | {other:.1f} | {mine / other:.2f} |", flush=True)


if __name__ == "__main__":
    main()
