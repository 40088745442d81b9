"""Exports small PyTorch networks to ONNX, with what PyTorch computes.

Run by hand where torch, onnx and onnxscript are installed:

    python tests/onnx/export.py            # the committed fixtures
    python tests/onnx/export.py --large D  # torchvision's models into the folder D

Each fixture is `<name>.onnx` and `<name>.json`: input shape, the input (from a
formula that the test repeats), the outputs, parameters.
"""

import json
import math
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional as F

HERE = pathlib.Path(__file__).parent


def image(shape):
    """sin(0.37 i + 0.11 i²/n), computed in double precision."""
    n = math.prod(shape)
    i = torch.arange(n, dtype=torch.float64)
    return torch.sin(0.37 * i + 0.11 * i * i / n).reshape(1, *shape).float()


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.a, self.an = nn.Conv2d(8, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8)
        self.b, self.bn = nn.Conv2d(8, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8)
        self.down, self.dn = nn.Conv2d(8, 16, 1, 2, bias=False), nn.BatchNorm2d(16)
        self.c, self.cn = nn.Conv2d(8, 16, 3, 2, 1, bias=False), nn.BatchNorm2d(16)
        self.pool = nn.MaxPool2d(3, 2, 1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.pool(self.stem(x))
        x = F.relu(x + self.bn(self.b(F.relu(self.an(self.a(x))))))
        x = F.relu(self.dn(self.down(x)) + self.cn(self.c(x)))
        return self.fc(torch.flatten(F.adaptive_avg_pool2d(x, 1), 1))


class InvertedResidual(nn.Module):
    """Depthwise convolutions, squeeze and excitation, SiLU and hard-swish."""

    def __init__(self):
        super().__init__()
        self.stem, self.n0 = nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8)
        self.expand, self.n1 = nn.Conv2d(8, 24, 1, bias=False), nn.BatchNorm2d(24)
        self.depth, self.n2 = nn.Conv2d(24, 24, 5, 1, 2, groups=24, bias=False), nn.BatchNorm2d(24)
        self.squeeze, self.excite = nn.Conv2d(24, 6, 1), nn.Conv2d(6, 24, 1)
        self.project, self.n3 = nn.Conv2d(24, 8, 1, bias=False), nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = F.hardswish(self.n0(self.stem(x)))
        y = F.silu(self.n1(self.expand(x)))
        y = F.relu6(self.n2(self.depth(y)))
        gate = F.hardsigmoid(self.excite(F.silu(self.squeeze(F.adaptive_avg_pool2d(y, 1)))))
        x = x + self.n3(self.project(y * gate))
        return self.fc(x.mean((2, 3)))


class Dense(nn.Module):
    """Concatenations, average pools, Mish, PReLU, group norm."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, 1, 1)
        self.layers = nn.ModuleList(
            nn.Sequential(nn.GroupNorm(4, 8 + 4 * i), nn.PReLU(8 + 4 * i), nn.Conv2d(8 + 4 * i, 4, 3, 1, 1, bias=False)) for i in range(3)
        )
        self.norm, self.conv = nn.InstanceNorm2d(20, affine=True), nn.Conv2d(20, 8, 1)
        self.fc = nn.Linear(8, 10)

    def forward(self, x):
        x = self.stem(x)
        for layer in self.layers:
            x = torch.cat([x, layer(x)], 1)
        x = F.avg_pool2d(self.conv(F.mish(self.norm(x))), 2)
        return self.fc(F.elu(F.interpolate(x, scale_factor=2, mode="bilinear")).mean((2, 3)))


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.heads, self.qkv, self.out = heads, nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)

    def forward(self, x, bias=None):
        b, t, d = x.shape
        q, k, v = self.qkv(x).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        a = q @ k.transpose(-2, -1) / math.sqrt(d // self.heads)
        a = (a if bias is None else a + bias).softmax(-1)
        return self.out((a @ v).transpose(1, 2).reshape(b, t, d))


class Vit(nn.Module):
    def __init__(self, dim=16, patch=8, size=32):
        super().__init__()
        self.patch = nn.Conv2d(3, dim, patch, patch)
        self.token = nn.Parameter(torch.zeros(1, 1, dim))
        self.position = nn.Parameter(torch.randn(1, (size // patch) ** 2 + 1, dim) * 0.02)
        self.n1, self.attention = nn.LayerNorm(dim), Attention(dim, 2)
        self.n2, self.up, self.down = nn.LayerNorm(dim), nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)
        self.norm, self.fc = nn.LayerNorm(dim), nn.Linear(dim, 10)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
        x = x + self.attention(self.n1(x))
        x = x + self.down(F.gelu(self.up(self.n2(x))))
        return self.fc(self.norm(x)[:, 0])


class ConvNext(nn.Module):
    def __init__(self, dim=12):
        super().__init__()
        self.stem, self.n0 = nn.Conv2d(3, dim, 4, 4), nn.LayerNorm(dim)
        self.depth, self.n1 = nn.Conv2d(dim, dim, 7, 1, 3, groups=dim), nn.LayerNorm(dim)
        self.up, self.down = nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)
        self.scale = nn.Parameter(torch.full((dim, 1, 1), 0.1))
        self.norm, self.fc = nn.LayerNorm(dim), nn.Linear(dim, 10)

    def forward(self, x):
        x = self.n0(self.stem(x).permute(0, 2, 3, 1)).permute(0, 3, 1, 2)
        y = self.n1(self.depth(x).permute(0, 2, 3, 1))
        y = self.down(F.gelu(self.up(y), approximate="tanh")).permute(0, 3, 1, 2)
        x = x + self.scale * y
        return self.fc(self.norm(x.mean((2, 3))))


class Swin(nn.Module):
    """Shifted windows with relative positions and a mask; patch merging."""

    def __init__(self, dim=12, window=4, size=32):
        super().__init__()
        self.window = window
        self.patch, self.n0 = nn.Conv2d(3, dim, 4, 4), nn.LayerNorm(dim)
        self.n1, self.attention = nn.LayerNorm(dim), Attention(dim, 3)
        self.table = nn.Parameter(torch.randn((2 * window - 1) ** 2, 3) * 0.02)
        at = torch.stack(torch.meshgrid(torch.arange(window), torch.arange(window), indexing="ij")).flatten(1)
        difference = at[:, :, None] - at[:, None, :] + window - 1
        self.register_buffer("index", (difference[0] * (2 * window - 1) + difference[1]).flatten())
        side = size // 4
        region = torch.zeros(side, side)
        for i, a in enumerate((slice(0, -window), slice(-window, -2), slice(-2, None))):
            for j, b in enumerate((slice(0, -window), slice(-window, -2), slice(-2, None))):
                region[a, b] = 3 * i + j
        parts = region.reshape(side // window, window, side // window, window).permute(0, 2, 1, 3).reshape(-1, window * window)
        mask = (parts[:, None] != parts[:, :, None]).float() * -100
        self.register_buffer("mask", mask[:, None])
        self.n2, self.up, self.down = nn.LayerNorm(dim), nn.Linear(dim, 4 * dim), nn.Linear(4 * dim, dim)
        self.n3, self.merge = nn.LayerNorm(4 * dim), nn.Linear(4 * dim, 2 * dim, bias=False)
        self.norm, self.fc = nn.LayerNorm(2 * dim), nn.Linear(2 * dim, 10)

    def windows(self, x):
        b, h, w, c = x.shape
        n = self.window
        y = torch.roll(x, (-2, -2), (1, 2))
        y = y.reshape(b, h // n, n, w // n, n, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, n * n, c)
        bias = self.table[self.index].reshape(n * n, n * n, 3).permute(2, 0, 1)
        y = self.attention(y, bias[None] + self.mask)
        y = y.reshape(b, h // n, w // n, n, n, c).permute(0, 1, 3, 2, 4, 5).reshape(b, h, w, c)
        return torch.roll(y, (2, 2), (1, 2))

    def forward(self, x):
        x = self.n0(self.patch(x).permute(0, 2, 3, 1))
        x = x + self.windows(self.n1(x))
        x = x + self.down(F.gelu(self.up(self.n2(x))))
        x = torch.cat([x[:, 0::2, 0::2], x[:, 1::2, 0::2], x[:, 0::2, 1::2], x[:, 1::2, 1::2]], -1)
        x = self.norm(self.merge(self.n3(x)))
        return self.fc(x.mean((1, 2)))


class Cell201(nn.Module):
    """A NAS-Bench-201 network as its code writes it (sums by Python's `sum`)."""

    def __init__(self, arch, width=8, cells=1, classes=10):
        super().__init__()
        edges = [[(o.split("~")[0], int(o.split("~")[1])) for o in node.strip("|").split("|")] for node in arch.split("+")]
        self.edges = edges

        def conv(i, o, k, s=1):
            return nn.Sequential(nn.ReLU(), nn.Conv2d(i, o, k, s, k // 2, bias=False), nn.BatchNorm2d(o))

        def op(name, c):
            if name.startswith("nor_conv"):
                return conv(c, c, int(name[-1]))
            return {"avg_pool_3x3": nn.AvgPool2d(3, 1, 1, count_include_pad=False), "skip_connect": nn.Identity(), "none": None}[name]

        def cell(c):
            return nn.ModuleList(nn.ModuleList(op(n, c) or nn.Module() for n, _ in node) for node in edges)

        def reduction(c):
            return nn.ModuleDict(
                {"a": conv(c, 2 * c, 3, 2), "b": conv(2 * c, 2 * c, 3), "down": nn.Sequential(nn.AvgPool2d(2, 2), nn.Conv2d(c, 2 * c, 1, bias=False))}
            )

        self.stem = nn.Sequential(nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width))
        self.stages = nn.ModuleList(nn.ModuleList(cell(width * 2**i) for _ in range(cells)) for i in range(3))
        self.reductions = nn.ModuleList(reduction(width * 2**i) for i in range(2))
        self.last = nn.Sequential(nn.BatchNorm2d(width * 4), nn.ReLU())
        self.fc = nn.Linear(width * 4, classes)

    def run(self, cell, x):
        states = [x]
        for node, ops in zip(self.edges, cell):
            terms = [states[i].mul(0.0) if n == "none" else o(states[i]) for (n, i), o in zip(node, ops)]
            states.append(sum(terms))
        return states[-1]

    def forward(self, x):
        x = self.stem(x)
        for i, stage in enumerate(self.stages):
            for cell in stage:
                x = self.run(cell, x)
            if i < 2:
                r = self.reductions[i]
                y = r["b"](r["a"](x))
                x = r["down"](x) + y
        return self.fc(F.adaptive_avg_pool2d(self.last(x), 1).flatten(1))


CELLS = {
    "cell_a": "|nor_conv_3x3~0|+|skip_connect~0|nor_conv_1x1~1|+|skip_connect~0|avg_pool_3x3~1|skip_connect~2|",
    "cell_b": "|skip_connect~0|+|none~0|nor_conv_3x3~1|+|nor_conv_1x1~0|skip_connect~1|nor_conv_3x3~2|",
    "cell_c": "|none~0|+|avg_pool_3x3~0|skip_connect~1|+|none~0|nor_conv_3x3~1|skip_connect~2|",
}


def save(name, model, shape, folder=HERE, fixture=True, **options):
    torch.manual_seed(1)
    with torch.no_grad():
        for key, p in model.named_parameters():
            if p.ndim == 1 and fixture:
                p.add_(torch.randn_like(p) * 0.1)
    model.train(fixture)
    x = image(shape)
    path = folder / f"{name}.onnx"
    torch.onnx.export(model, (x,), str(path), dynamo=False, training=torch.onnx.TrainingMode.PRESERVE,
                      do_constant_folding=False, opset_version=options.get("opset", 17), input_names=["image"], output_names=["logits"])
    if not fixture:
        return
    with torch.no_grad():
        y = model.double()(x.double())
    facts = {"shape": list(shape), "outputs": y.flatten().tolist(), "params": sum(p.numel() for p in model.parameters())}
    if name in CELLS:
        facts["arch"] = CELLS[name]
    (HERE / f"{name}.json").write_text(json.dumps(facts) + "\n")
    print(name, path.stat().st_size)


def main():
    torch.manual_seed(0)
    if sys.argv[1:2] == ["--large"]:
        import torchvision.models as m

        folder = pathlib.Path(sys.argv[2])
        for name in ["resnet18", "resnet50", "mobilenet_v2", "efficientnet_b0", "vit_b_16", "convnext_tiny", "swin_t", "densenet121", "mobilenet_v3_small"]:
            save(name, getattr(m, name)(), (3, 224, 224), folder, False)
            print(name, flush=True)
        return
    if sys.argv[1:2] != ["--cells"]:
        small()
    for name, arch in CELLS.items():
        save(name, Cell201(arch), (3, 32, 32))


def small():
    save("residual", Residual(), (3, 32, 32))
    save("inverted", InvertedResidual(), (3, 32, 32))
    save("dense", Dense(), (3, 16, 16), opset=18)
    save("vit", Vit(), (3, 32, 32), opset=14)
    save("vit_layernorm", Vit(), (3, 32, 32), opset=17)
    save("convnext", ConvNext(), (3, 32, 32), opset=20)
    save("swin", Swin(), (3, 32, 32))


if __name__ == "__main__":
    main()
