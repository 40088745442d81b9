"""Exports networks of torchvision and timm, and scores the files.

    DEXTR_PYTHON=… ./build.sh bench exports [--only NAME,…] [--ways WAY,…] [--keep FOLDER]

The interpreter needs torch, torchvision, timm, onnx and onnxscript. The export
lines are the README's. Networks are untrained, so that nothing is downloaded.
Counted are the learnable parameters that the outputs depend on (a head that is
there in training alone is not; nor are buffers, such as running statistics):
PyTorch has those by their gradients. With `--keep` files that are there already
are not exported again. Exits with 1 under the target. With `--reference` the scores of
well-known networks are written for the page (www/app/references/models.json).
"""

import argparse
import collections
import contextlib
import dataclasses
import json
import logging
import pathlib
import subprocess
import sys
import tempfile
import time
import warnings

import timm
import torch
import torchvision

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEXTR = ROOT / "target/release/dextr"


@dataclasses.dataclass(frozen=True)
class Network:
    name: str
    library: str = "timm"
    size: int | None = None

    def make(self):
        torch.manual_seed(0)
        if self.library == "timm":
            return timm.create_model(self.name, pretrained=False)
        more = {"init_weights": True} if self.name in ("googlenet", "inception_v3") else {}
        return torchvision.models.get_model(self.name, weights=None, **more)

    def side(self, model):
        """The size that it usually has: timm knows it."""
        return self.size or model.default_cfg["input_size"][-1]


def vision(name, size=224):
    return Network(name, "torchvision", size)


# In all of the ways.
TWELVE = [
    vision("resnet18"),
    vision("efficientnet_b0"),
    vision("convnext_tiny"),
    vision("swin_v2_t", 256),
    vision("maxvit_t"),
    vision("mobilenet_v3_small"),
    vision("regnet_y_400mf"),
    vision("densenet121"),
    vision("vgg11_bn"),
    vision("vit_b_16"),
    vision("shufflenet_v2_x1_0"),
    vision("googlenet"),
]

# In the first of them.
MORE = [
    vision("squeezenet1_1"),
    vision("inception_v3", 299),
    Network("resnetv2_50x1_bit"),
    Network("nfnet_f0"),
    Network("dm_nfnet_f0"),
    Network("tf_efficientnet_b0"),
    Network("tf_mobilenetv3_small_075"),
    Network("levit_128s"),
    Network("coat_lite_tiny"),
    Network("pit_ti_224"),
    Network("deit_tiny_distilled_patch16_224"),
    Network("mixer_s32_224"),
    Network("poolformer_s12"),
    Network("edgenext_xx_small"),
    Network("fbnetc_100"),
    Network("ghostnet_100"),
    Network("hrnet_w18_small"),
    Network("repvgg_a0"),
    Network("xcit_nano_12_p16_224"),
    Network("beit_base_patch16_224"),
    Network("cait_xxs24_224"),
    Network("gmlp_ti16_224"),
    Network("mobilevit_xxs"),
    Network("visformer_tiny"),
    Network("twins_svt_small"),
]


# The word that a line of the README has behind it, and the mode of the model.
WAYS = {"classic": ("classic", "eval"), "train": ("classic", "train"), "dynamo": ("dynamo", "eval")}

# How many may fail. The newer exporter writes GatherND and sequences for three.
MAY_FAIL = {"classic": 1, "train": 0, "dynamo": 3}


def lines():
    """The export lines of the README, by the word in the comment behind each."""
    found = {}
    for line in (ROOT / "README.md").read_text().splitlines():
        if line.startswith("    torch.onnx.export("):
            code, _, comment = line.strip().partition("#")
            found[comment.split()[0].rstrip(":,")] = code
    return found


def learnable(model, side):
    """How many parameters the outputs depend on."""
    # Batch norms in training need two images where a map is one pixel.
    outputs = model(torch.randn(2, 3, side, side))
    outputs = [outputs] if isinstance(outputs, torch.Tensor) else outputs
    sum(o.sum() for o in outputs if o is not None).backward()
    count = sum(p.numel() for p in model.parameters() if p.grad is not None)
    model.zero_grad()
    return count


def export(network, way, path):
    """Writes the file, and beside it how many parameters PyTorch has."""
    line, mode = WAYS[way]
    model = network.make()
    model.train(mode == "train")
    side = network.side(model)
    facts = {"params": learnable(model, side)}
    image = torch.zeros(1, 3, side, side)
    code = lines()[line].replace("'model.onnx'", repr(str(path)))
    with warnings.catch_warnings(), contextlib.redirect_stdout(None):
        warnings.simplefilter("ignore")
        exec(code, {"torch": torch, "model": model, "image": image})
    path.with_suffix(".json").write_text(json.dumps(facts))


def ask(verb, path):
    command = [DEXTR, verb, path, "--format", "json"]
    command += ["--device", "cpu"] if verb == "score" else []
    done = subprocess.run(command, capture_output=True, text=True)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return rows[0] if rows else {"status": "error", "message": done.stderr.strip()}


def row(network, way, folder):
    """What became of a network: name, way, status, parameters here and in PyTorch, why not."""
    path = folder / f"{network.name}.{way}.onnx"
    facts = path.with_suffix(".json")
    try:
        if not facts.exists():
            export(network, way, path)
    except Exception as error:
        return {"status": "not exported", "why": str(error).strip().split("\n")[0][:200]}
    start = time.monotonic()
    found = ask("score", path)
    return {
        "status": found["status"],
        "params": found.get("params"),
        "torch": json.loads(facts.read_text())["params"],
        "score": found.get("score"),
        "seconds": time.monotonic() - start,
        "why": found.get("message", ""),
    }


# What the page shows beside a model file.
KNOWN = [
    "squeezenet1_1", "shufflenet_v2_x1_0", "mobilenet_v3_small", "efficientnet_b0", "regnet_y_400mf", "resnet18", "densenet121",
    "vgg11_bn", "convnext_tiny", "swin_v2_t", "vit_b_16", "deit_tiny_distilled_patch16_224", "mixer_s32_224", "poolformer_s12",
]


def reference(folder):
    """Scores of the well-known networks under the default settings."""
    networks = {network.name: network for network in TWELVE + MORE}
    rows = []
    for name in KNOWN:
        path = folder / f"{name}.classic.onnx"
        if not path.exists():
            export(networks[name], "classic", path)
        found = ask("score", path)
        print(name, found["status"], found.get("score"), flush=True)
        if found["status"] == "ok":
            number = lambda column: float(f"{found[column]:.4g}")
            rows.append([name, found["params"], found["macs"], number("score"), number("s"), number("k")])
    version = found["version"]
    text = ",\n".join(json.dumps(row) for row in rows)
    to = ROOT / "www/app/references/models.json"
    to.write_text(f'{{"version": "{version}", "columns": ["name", "params", "macs", "score", "s", "k"], "rows": [\n{text}\n]}}\n')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--keep", type=pathlib.Path)
    parser.add_argument("--reference", action="store_true")
    given = parser.parse_args()
    only = set(filter(None, given.only.split(",")))
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as away:
        folder = given.keep or pathlib.Path(away)
        folder.mkdir(parents=True, exist_ok=True)
        if given.reference:
            return reference(folder)
        good = collections.Counter()
        asked = collections.Counter()
        print("| network | way | status | parameters | PyTorch's | score | seconds |\n|---|---|---|---|---|---|---|")
        for way in given.ways.split(","):
            for network in TWELVE + (MORE if way == "classic" else []):
                if only and network.name not in only:
                    continue
                found = row(network, way, folder)
                # Where the logits stand still (behind norms and a mean), the score is 0 and right.
                equal = found["status"] in ("ok", "disconnected") and found["params"] == found["torch"]
                # GoogLeNet's heads in training are none that PyTorch exports.
                asked[way] += found["status"] != "not exported" or way != "train"
                good[way] += equal
                numbers = [found.get("params"), found.get("torch")]
                cells = [network.name, way, found["status"], *(f"{n:,}" if n else "" for n in numbers)]
                cells += [f"{found['score']:.4g}" if found.get("score") is not None else "", f"{found.get('seconds', 0):.0f}"]
                print("|", " | ".join(cells), "|", flush=True)
                if not equal:
                    print("    ", found["why"], flush=True)
                if given.keep is None:
                    for file in folder.iterdir():
                        file.unlink()
    low = False
    for way, count in asked.items():
        target = count - MAY_FAIL[way]
        low |= good[way] < target
        print(f"{way}: {good[way]} of {count} score with PyTorch's number of parameters (at least {target} must)")
    sys.exit(low)


if __name__ == "__main__":
    main()
