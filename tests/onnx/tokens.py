"""Small networks of tokens from `transformers` as ONNX files, with what PyTorch computes.

    python tests/onnx/tokens.py            # makes tokens/*.onnx and tokens.json again

Run by hand where torch, transformers, onnx, onnxscript, numpy and safetensors are
installed. Each network has random weights, two layers of 16 features and a
vocabulary of 100. `tokens.json` has, in f64: the ids, the outputs, the parameters
that the outputs depend on, sigma_min/sigma_max of the maps that the policy `flow`
observes (taken from PyTorch's calls as they happen), and y, y' and y'' of a
circle in the space of word vectors by double automatic differentiation.
"""

import json
import math
import os
import pathlib
import sys
import warnings

import numpy as np
import onnx
import torch
import transformers as t
from torch.overrides import TorchFunctionMode

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "golden"))

import dextr_reference  # noqa: E402
from make_spaces import directional  # noqa: E402
from make_transformers import numbers  # noqa: E402

LENGTH, VOCABULARY, POSITIONS = 10, 100, 24
SIZES = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": POSITIONS}
GPT = {"n_positions": POSITIONS, "n_embd": 16, "n_layer": 2, "n_head": 2, "use_cache": False, "bos_token_id": 99, "eos_token_id": 99}
DISTIL = {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "max_position_embeddings": POSITIONS}
OPT = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "ffn_dim": 32, "word_embed_proj_dim": 16, "max_position_embeddings": POSITIONS, "use_cache": False}
T5 = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "feed_forward_proj": "gated-gelu"}
IDS, MASK, TYPES, PLACES = "input_ids", "attention_mask", "token_type_ids", "position_ids"


def networks():
    """Each network with the names of its inputs and how it is exported."""
    own = {"vocab_size": VOCABULARY}
    bert = t.BertConfig(**own, **SIZES)
    gpt = t.GPT2Config(**own, **GPT)
    return {
        "bert": (lambda: t.BertModel(bert, add_pooling_layer=False), [IDS, MASK, TYPES], "classic"),
        "bert_dynamo": (lambda: t.BertModel(bert, add_pooling_layer=False), [IDS, MASK, TYPES, PLACES], "dynamo"),
        "bert_masked": (lambda: t.BertForMaskedLM(bert), [IDS, MASK], "classic"),
        "distilbert": (lambda: t.DistilBertModel(t.DistilBertConfig(**own, **DISTIL)), [IDS, MASK], "folded"),
        "roberta": (lambda: t.RobertaModel(t.RobertaConfig(**own, **SIZES), add_pooling_layer=False), [IDS, MASK], "classic"),
        "albert": (lambda: t.AlbertModel(t.AlbertConfig(**own, **SIZES, embedding_size=8), add_pooling_layer=False), [IDS, MASK, TYPES], "classic"),
        "gpt2": (lambda: t.GPT2Model(gpt), [IDS, MASK], "classic"),
        "electra": (lambda: t.ElectraModel(t.ElectraConfig(**own, **SIZES, embedding_size=8)), [IDS, MASK, TYPES], "classic"),
        "clip_text": (lambda: t.CLIPTextModel(t.CLIPTextConfig(**own, **SIZES, projection_dim=8, bos_token_id=98, eos_token_id=99)), [IDS, MASK], "classic"),
        "opt": (lambda: t.OPTModel(t.OPTConfig(**own, **OPT)), [IDS, MASK], "classic"),
        "t5_encoder": (lambda: t.T5EncoderModel(t.T5Config(**own, **T5)), [IDS, MASK], "classic"),
        "gpt2_head": (lambda: t.GPT2LMHeadModel(gpt), [IDS, MASK, PLACES], "classic"),
        "gpt2_head_dynamo": (lambda: t.GPT2LMHeadModel(gpt), [IDS, MASK, PLACES], "optimised"),
    }


class Called(torch.nn.Module):
    """The network with its inputs in this order, and its first output alone."""

    def __init__(self, network, names):
        super().__init__()
        self.network, self.names = network, names

    def forward(self, *values):
        return self.network(**dict(zip(self.names, values)), return_dict=False)[0]


def export(name, network, names, how):
    ids = torch.randint(2, VOCABULARY, (1, LENGTH + 2))
    filled = {IDS: ids, MASK: torch.ones_like(ids), TYPES: torch.zeros_like(ids), PLACES: torch.arange(LENGTH + 2)[None]}
    path = HERE / "tokens" / f"{name}.onnx"
    path.parent.mkdir(exist_ok=True)
    values = tuple(filled[n] for n in names)
    axes = {n: {0: "batch", 1: "length"} for n in names}
    called = Called(network, names).eval()
    if how in ("dynamo", "optimised"):
        axes = {"values": tuple({1: torch.export.Dim("length")} for _ in names)}
        torch.onnx.export(called, values, str(path), dynamo=True, optimize=how == "optimised", external_data=False, input_names=names, dynamic_shapes=axes, verbose=False)
    else:
        raw = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False} if how == "classic" else {}
        torch.onnx.export(called, values, str(path), dynamo=False, opset_version=17, input_names=names, output_names=["output"], dynamic_axes=axes, **raw)
    file = onnx.load(path)
    for node in file.graph.node:
        node.ClearField("doc_string")
        node.ClearField("metadata_props")
    for field in ("value_info", "metadata_props"):
        file.graph.ClearField(field)
    onnx.save(file, path)
    return os.path.getsize(path)


def of_vectors(network, ids, vectors):
    """The outputs where these word vectors are in the ids' place."""
    words = network.get_input_embeddings().weight
    tables = [m for m in network.modules() if isinstance(m, torch.nn.Embedding) and m.weight is words]
    for table in tables:
        table.forward = lambda _: vectors
    try:
        return network(ids, return_dict=False)[0]
    finally:
        for table in tables:
            del table.forward


class Watch(TorchFunctionMode):
    """Notes the operands of sums of two values that depend on the input."""

    def __init__(self):
        super().__init__()
        self.maps = []

    def __torch_function__(self, func, types, args=(), kwargs=None):
        result = func(*args, **(kwargs or {}))
        if func.__name__.strip("_") == "add":
            live = [x for x in args if torch.is_tensor(x) and x.requires_grad]
            if len(live) == 2:
                self.maps += live
        return result


def watched(network, ids, vectors):
    """The maps of the policy `flow`: merges, and activations, whose inner sums are none."""
    watch = Watch()
    for module in network.modules():
        if type(module).__module__ in ("transformers.activations", "torch.nn.modules.activation"):
            plain = module.forward

            def forward(x, plain=plain):
                with torch._C.DisableTorchFunction():
                    y = plain(x)
                watch.maps.append(y)
                return y

            module.forward = forward
    with watch:
        of_vectors(network, ids, vectors)
    return watch.maps


def make(name, build, names, how):
    torch.manual_seed(len(name))
    network = build().eval()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)
    size = export(name, network, names, how)
    network.config._attn_implementation = "eager"
    network = network.double()
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    ids = torch.randint(2, VOCABULARY, (1, LENGTH))
    table = network.get_input_embeddings().weight
    case = {"ids": ids[0].tolist(), "params": sum(p.numel() for p in network.parameters())}
    case["y"] = network(ids, return_dict=False)[0].flatten().tolist()
    shape = (LENGTH, table.shape[1])
    field = lambda key: torch.from_numpy(numbers(key, math.prod(shape)).astype(np.float32)).double().reshape(1, *shape)  # noqa: E731
    u, w = field("u0"), field("w0")
    y, dy, ddy = directional(lambda a: of_vectors(network, ids, u * torch.cos(a) + w * torch.sin(a)).flatten())
    # The output is a map: its curvature is that at unit speed.
    kappa = dextr_reference.curvature(dy, ddy) * dy.norm().item()
    case |= {"curve_y": y.tolist(), "curve_dy": dy.tolist(), "curve_ddy": ddy.tolist(), "kappa": kappa}
    maps = watched(network, ids, table[ids].detach().requires_grad_())
    ratios = [[*m.shape[-2:], dextr_reference.feature_ratio("", "", m.detach().reshape(1, *m.shape[-2:])).ratio] for m in maps]
    case["maps"] = [[rows, columns, ratio if ratio >= 1e-6 else 0.0] for rows, columns, ratio in ratios]
    case["s"] = math.log1p(sum(m[2] for m in case["maps"]))
    print(name, size, len(maps), case["s"], case["kappa"], flush=True)
    return case


def main():
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    made = {name: make(name, *how) for name, how in networks().items() if not sys.argv[1:] or name in sys.argv[1:]}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(case)}" for name, case in made.items())
    if not sys.argv[1:]:
        (HERE / "tokens.json").write_text("{\n" + lines + "\n}\n")


main()
