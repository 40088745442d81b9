"""Writes the single-node cases of ONNX's own backend suite to a folder.

    python3 tests/onnx/backend.py target/onnx-cases

makes a virtual environment in target/onnx-venv with the versions below, takes
every case of `onnx.backend.test.case` whose operators are all in
`tests/onnx/allow.txt`, and writes each as `<name>.onnx` and `<name>.json`
(inputs and expected outputs). Nothing of it is committed.
"""

import json
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
    operators, left_out = set(), {}
    for line in (HERE / "allow.txt").read_text().splitlines():
        line = line.split("#")[0].strip()
        if line.startswith("-"):
            name, _, reason = line[1:].strip().partition(" ")
            assert reason, f"{name}: no reason"
            left_out[name] = reason
        elif line:
            operators.add(line)
    return operators, left_out


def write(folder):
    import numpy as np
    from onnx.backend.test.case.node import collect_testcases

    operators, left_out = allowed()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    count, unused = 0, set(left_out)
    for case in collect_testcases(None):
        graph = case.model.graph
        if not {n.op_type for n in graph.node} <= operators or any(n.domain not in ("", "ai.onnx") for n in graph.node):
            continue
        patterns = [p for p in left_out if case.name == p or (p.endswith("*") and case.name.startswith(p[:-1]))]
        if patterns:
            unused -= set(patterns)
            continue
        inputs, outputs = case.data_sets[0]

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
            }
        except (TypeError, ValueError, AttributeError):
            continue
        (folder / f"{case.name}.onnx").write_bytes(case.model.SerializeToString())
        (folder / f"{case.name}.json").write_text(json.dumps(data))
        count += 1
    if unused:
        sys.exit(f"allow.txt leaves out cases that do not exist: {sorted(unused)}")
    print(f"{count} cases in {folder}")


if sys.argv[1] == "--inside":
    write(pathlib.Path(sys.argv[2]))
else:
    again(sys.argv[1])
