#!/usr/bin/env python3
"""Make list-fixture.json: 200 cells with made-up accuracies, and how their
scores (`results`: score, S, K) correlate with them by scipy and by the command line.

    python make_list_fixture.py [DEXTR]       DEXTR: the command, target/release/dextr by default

Needs numpy and scipy. The networks are small, so that a browser scores them in
no time; the accuracies are drawn here, and are nobody's measurements.
"""
from __future__ import annotations
import csv
import io
import json
import math
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

HERE = Path(__file__).resolve().parent
COLUMNS = ("score", "s", "k", "params", "macs")
PARTS = (("all rows", 1.0), ("best half", 0.5), ("best tenth", 0.1))
# Enough to keep different scores apart.
DIGITS = 6
OPTIONS = {"stem_width": "4", "cells": "1", "size": "8"}


def run(dextr: str, *arguments: str, text: str = "") -> str:
    return subprocess.run([dextr, *arguments], input=text, capture_output=True, text=True, check=True).stdout


def scored(dextr: str, cells: list[str]) -> list[dict]:
    sets = [word for name, value in OPTIONS.items() for word in ("--set", f"{name}={value}")]
    text = run(dextr, "score", "--input", "-", "--space", "nasbench201", *sets, "--observe", "flow", "--curves", "1",
               "--device", "cpu", "--format", "csv", text="\n".join(cells))
    return list(csv.DictReader(io.StringIO(text)))


def accuracies(rng: np.random.Generator, rows: list[dict]) -> list[float]:
    """Something like accuracies: they follow score and size, with noise and ties."""
    rank = lambda column: stats.rankdata([float(row[column]) for row in rows]) / len(rows)
    drawn = 60 + 20 * rank("score") + 8 * rank("params") + 6 * rng.standard_normal(len(rows))
    return np.round(drawn, 1).tolist()


def main() -> None:
    dextr = sys.argv[1] if len(sys.argv) > 1 else str(HERE.parents[1] / "target/release/dextr")
    rng = np.random.default_rng(20261125)
    cells = ["".join(map(str, row)) for row in rng.integers(0, 5, (200, 6))]
    rows = scored(dextr, cells)
    for row in rows:
        row.update((column, str(round(float(row[column]), DIGITS))) for column in ("score", "s", "k") if row[column] != "")
    truth = accuracies(rng, rows)

    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="") as file:
        writer = csv.DictWriter(file, [*rows[0], "accuracy"])
        writer.writeheader()
        writer.writerows({**row, "accuracy": value} for row, value in zip(rows, truth))
        file.flush()
        told = json.loads(run(dextr, "correlate", file.name, "--score", "score", "--truth", "accuracy", "--format", "json"))
    intervals = {(entry["rows"], entry["column"]): entry for entry in told["correlations"]}

    expected = []
    order = sorted(range(len(truth)), key=lambda row: -truth[row])
    for part, fraction in PARTS:
        best = sorted(order[: math.ceil(fraction * len(truth) - 1e-9)])
        for column in COLUMNS:
            # A disconnected row has the score 0, and no K.
            having = [row for row in best if rows[row][column] != ""]
            values = [float(rows[row][column]) for row in having]
            known = [truth[row] for row in having]
            told = intervals[part, column]
            expected.append({
                "part": part, "column": column, "n": len(having),
                "spearman": stats.spearmanr(values, known).statistic, "kendall": stats.kendalltau(values, known).statistic,
                "spearman_interval": told["spearman_interval"], "kendall_interval": told["kendall_interval"],
            })
    results = [[float(row[column]) if row[column] else None for column in ("score", "s", "k")] for row in rows]
    fixture = {"options": OPTIONS, "cells": cells, "accuracies": truth, "results": results, "expected": expected}
    lines = ",\n".join(f'"{name}": {json.dumps(value)}' for name, value in fixture.items())
    (HERE / "list-fixture.json").write_text("{\n%s\n}\n" % lines.replace('}, {"part"', '},\n{"part"'))


if __name__ == "__main__":
    main()
