#!/usr/bin/env python3
"""Make stats.json: rank statistics by scipy, which `src/stats.rs` must equal to 1e-12.

    python make_stats.py

Needs numpy and scipy. A statistic that is undefined is null.
"""
from __future__ import annotations
import json
import math
import warnings
from pathlib import Path

import numpy as np
import scipy
from scipy import stats

HERE = Path(__file__).resolve().parent


def correlated(rng: np.random.Generator, n: int, digits: int, weight: float = 0.7) -> tuple[list, list]:
    """Two correlated samples; few digits make ties."""
    x = rng.standard_normal(n)
    y = weight * x + math.sqrt(1 - weight**2) * rng.standard_normal(n)
    return np.round(x, digits).tolist(), np.round(y, digits).tolist()


def cases() -> list[tuple[str, list, list]]:
    rng = np.random.default_rng(20250801)
    fine, coarse = (correlated(rng, 500, digits) for digits in (6, 1))
    return [
        ("two rows", [1.0, 2.0], [5.0, -3.0]),
        ("in order", [0.1, 0.2, 0.3, 0.4, 0.5], [1.0, 2.0, 4.0, 8.0, 16.0]),
        ("in reverse", [0.1, 0.2, 0.3, 0.4, 0.5], [5.0, 4.0, 3.0, 2.0, 1.0]),
        ("no order", [1.0, 2.0, 3.0, 4.0], [2.0, 4.0, 1.0, 3.0]),
        ("ties on one side", [1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [3.0, 3.0, 1.0, 3.0, 7.0, 1.0]),
        ("ties on both sides", [2.0, 2.0, 1.0, 3.0, 3.0, 3.0, 0.0], [1.0, 1.0, 4.0, 4.0, 4.0, 2.0, 1.0]),
        ("both zeros are one value", [0.0, -0.0, 1.0, -1.0], [1.0, 2.0, 3.0, 0.0]),
        ("two values", [0.0, 1.0, 0.0, 1.0, 1.0], [0.0, 1.0, 1.0, 1.0, 0.0]),
        ("a constant side", [1.0, 2.0, 3.0], [4.0, 4.0, 4.0]),
        ("large and small", [1e300, -1e300, 1e-300, 0.0], [1e-9, -2.0, 3e5, 4e-9]),
        ("500 rows without ties", *fine),
        ("500 rows with ties", *coarse),
        ("500 rows with ties on one side", fine[1], coarse[1]),
    ]


def main() -> None:
    warnings.simplefilter("ignore", stats.ConstantInputWarning)
    number = lambda value: float(value) if math.isfinite(value) else None
    rows = [{
        "name": name, "x": x, "y": y, "ranks": stats.rankdata(x, method="average").tolist(),
        "spearman": number(stats.spearmanr(x, y).statistic),
        "kendall": number(stats.kendalltau(x, y, variant="b").statistic),
    } for name, x, y in cases()]
    text = json.dumps({"made_with": f"scipy {scipy.__version__}", "cases": rows}, separators=(",", ":"), allow_nan=False)
    (HERE / "stats.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
