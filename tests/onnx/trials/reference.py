"""What ONNX's reference evaluator says of the files in this folder.

Run by hand where onnx is installed: python tests/onnx/trials/reference.py

Batch norms take the statistics of what they are given, and a mask over its
survival rate is the identity, as Dextr has it.
"""

import json
import math
import pathlib

import numpy as np
import onnx
from onnx import helper
from onnx.reference import ReferenceEvaluator

HERE = pathlib.Path(__file__).parent
NAMES = [
    "clip_pads",
    "matmul_kernel",
    "bn_kernel",
    "reducel2_kernel",
    "softmax_constant",
    "stochastic_depth_train",
    "bn_tokens",
    "weight_standardised",
]


def image(shape):
    """sin(0.37 i + 0.11 i²/n), computed in double precision."""
    n = math.prod(shape)
    i = np.arange(n, dtype=np.float64)
    return np.sin(0.37 * i + 0.11 * i * i / n).reshape(1, *shape).astype(np.float32)


def as_dextr_has_it(model):
    graph = model.graph
    for node in graph.node:
        if node.op_type == "BatchNormalization":
            kept = [a for a in node.attribute if a.name != "training_mode"]
            del node.attribute[:]
            node.attribute.extend(kept + [helper.make_attribute("training_mode", 1)])
            del node.output[1:]
            node.output.extend([node.output[0] + "_mean", node.output[0] + "_var"])
        if node.op_type == "Mul" and any("/d/Div" in name for name in node.input):
            node.op_type = "Identity"
            del node.input[1:]
        if node.op_type == "Dropout":
            node.op_type = "Identity"
            del node.input[1:], node.output[1:]


for name in NAMES:
    model = onnx.load(HERE / f"{name}.onnx")
    as_dextr_has_it(model)
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    feed = {model.graph.input[0].name: image(shape)}
    outputs = ReferenceEvaluator(model).run(None, feed)[0]
    facts = {"shape": shape, "outputs": outputs.flatten().tolist()}
    (HERE / f"{name}.json").write_text(json.dumps(facts) + "\n")
