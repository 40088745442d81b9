"""Writes the cases of ONNX's own backend suite to a folder.

    python3 tests/onnx/backend.py target/onnx-cases

makes a virtual environment in target/onnx-venv with the versions below, takes
every case of `onnx.backend.test.case` whose operators are all in
`tests/onnx/allow.txt`, and writes each as `<name>.onnx` and `<name>.json`
(inputs, expected outputs, and the shapes that `onnx.shape_inference` gives the
values between). The suite's whole networks go to the folder `whole` in the
same way; their weights are constants of one value, so one of them is there
again with weights of all kinds and what onnx's reference computes from them.
`shapes` has the shapes of the exported networks beside this file. Nothing of
it is committed.
"""

import json
import math
import pathlib
import subprocess
import sys
import venv

PINNED = ["onnx==1.23.2", "numpy==2.4.6"]
HERE = pathlib.Path(__file__).resolve().parent


def again(folder):
    """Runs this file with the pinned packages."""
    home = HERE.parent.parent / "target" / "onnx-venv"
    python = home / "bin" / "python"
    stamp = home / "pinned.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(PINNED):
        venv.create(home, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PINNED], check=True)
        stamp.write_text("\n".join(PINNED))
    sys.exit(subprocess.run([python, __file__, "--inside", folder]).returncode)


def allowed():
    operators, left_out, first = set(), {}, []
    for line in (HERE / "allow.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-"):
            name, _, reason = line[1:].strip().partition(" ")
            assert reason, f"{name}: no reason"
            left_out[name] = reason
        elif line.startswith("1"):
            first.append(line[1:])
        elif line:
            operators.add(line)
    return operators, left_out, first


def matches(name, pattern):
    return name == pattern or (pattern.endswith("*") and name.startswith(pattern[:-1]))


def first_image(model, inputs, outputs):
    """The first image of a batch alone."""
    batch = outputs[0].shape[0]
    assert len(outputs) == 1 and batch > 1
    for value in (model.graph.input[0], model.graph.output[0]):
        value.type.tensor_type.shape.dim[0].dim_value = 1
    return [inputs[0][:1], *inputs[1:]], [outputs[0][:1]]


def shapes(model):
    """The shapes of all values that onnx.shape_inference knows, by name."""
    import onnx

    inferred = onnx.shape_inference.infer_shapes(model, data_prop=True)
    known = {}
    for value in (*inferred.graph.value_info, *inferred.graph.output):
        kind = value.type.tensor_type
        if kind.HasField("shape") and all(d.HasField("dim_value") for d in kind.shape.dim):
            known[value.name] = [d.dim_value for d in kind.shape.dim]
    return known


def empty(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_file():
            old.unlink()


def write_exported(folder):
    """The shapes of the networks that export.py wrote."""
    import onnx

    empty(folder)
    files = sorted(HERE.glob("*.onnx"))
    for file in files:
        (folder / f"{file.stem}.json").write_text(json.dumps(shapes(onnx.load(file))))
    print(f"shapes of {len(files)} exported networks in {folder}")


def ramp(shape):
    """What the suite feeds its whole networks with."""
    import numpy as np

    n = math.prod(shape)
    return (np.arange(n).reshape(shape) / n).astype(np.float32)


def write_whole(folder):
    """The suite's whole networks."""
    import numpy as np
    import onnx
    from onnx import numpy_helper

    empty(folder)
    light = pathlib.Path(onnx.__file__).parent / "backend/test/data/light"
    files = sorted(light.glob("*.onnx"))

    def add(name, model, outputs):
        there = {t.name for t in model.graph.initializer}
        given = next(i for i in model.graph.input if i.name not in there)
        shape = [d.dim_value for d in given.type.tensor_type.shape.dim]
        data = {
            "inputs": [{"name": given.name, "shape": shape, "kind": "f", "values": "ramp"}],
            "outputs": [{"shape": list(o.shape), "values": o.astype(np.float64).flatten().tolist()} for o in outputs],
            # The suite's own for whole networks.
            "rtol": 1e-3,
            "atol": 1e-7,
            "operators": sorted({n.op_type for n in model.graph.node}),
            "shapes": shapes(model),
        }
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
        (folder / f"{name}.json").write_text(json.dumps(data))
        return given.name, shape

    for file in files:
        expected = onnx.TensorProto()
        expected.ParseFromString(file.with_name(f"{file.stem}_output_0.pb").read_bytes())
        add(file.stem.removeprefix("light_"), onnx.load(file), [numpy_helper.to_array(expected)])

    # The smallest without batch norms, whose statistics are not those of training here.
    model = onnx.load(light / "light_squeezenet.onnx")
    random = np.random.default_rng(0)
    constants = {t.name: numpy_helper.to_array(t) for t in model.graph.initializer}
    kept = []
    for node in model.graph.node:
        if node.op_type != "ConstantOfShape":
            kept.append(node)
            continue
        shape = constants[node.input[0]].tolist()
        deviation = math.sqrt(2 / math.prod(shape[1:])) if len(shape) > 1 else 0.1
        weight = (random.standard_normal(shape) * deviation).astype(np.float32)
        model.graph.initializer.append(numpy_helper.from_array(weight, node.output[0]))
    # onnx's reference knows the softmax of later opsets alone.
    softmax = kept.pop()
    assert softmax.op_type == "Softmax"
    model.graph.output[0].name = softmax.input[0]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    given, shape = add("squeezenet_drawn", model, [])
    outputs = onnx.reference.ReferenceEvaluator(model).run(None, {given: ramp(shape)})
    add("squeezenet_drawn", model, outputs)
    print(f"{len(files) + 1} whole networks in {folder}")


def write_nodes(folder):
    """The single-node cases."""
    import numpy as np
    from onnx.backend.test.case.node import collect_testcases

    operators, left_out, first = allowed()
    empty(folder)
    count, unused = 0, {*left_out, *first}
    for case in collect_testcases(None):
        graph = case.model.graph
        if not {n.op_type for n in graph.node} <= operators or any(n.domain not in ("", "ai.onnx") for n in graph.node):
            continue
        patterns = [p for p in (*left_out, *first) if matches(case.name, p)]
        unused -= set(patterns)
        if any(p in left_out for p in patterns):
            continue
        inputs, outputs = case.data_sets[0]
        if patterns:
            inputs, outputs = first_image(case.model, inputs, outputs)

        def tensor(value):
            value = np.asarray(value)
            if value.dtype.kind not in "fiub":
                raise TypeError(value.dtype)
            numbers = value.astype(np.float64).flatten().tolist()
            return {"shape": list(value.shape), "kind": value.dtype.kind, "type": str(value.dtype), "values": [v if np.isfinite(v) else None for v in numbers]}

        try:
            data = {
                "inputs": [{"name": i.name, **tensor(v)} for i, v in zip((i for i in graph.input), inputs)],
                "outputs": [{"name": o.name, **tensor(v)} for o, v in zip(graph.output, outputs)],
                "rtol": case.rtol,
                "atol": case.atol,
                "operators": sorted({n.op_type for n in graph.node}),
                "shapes": shapes(case.model),
            }
        except (TypeError, ValueError, AttributeError):
            continue
        (folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())
        (folder / f"{case.name}.json").write_text(json.dumps(data))
        count += 1
    if unused:
        sys.exit(f"allow.txt names cases that do not exist: {sorted(unused)}")
    print(f"{count} cases in {folder}")


if sys.argv[1] == "--inside":
    target = pathlib.Path(sys.argv[2])
    write_nodes(target)
    write_whole(target / "whole")
    write_exported(target / "shapes")
else:
    again(sys.argv[1])
