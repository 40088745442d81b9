"""How a score grows: time and memory against layers, channels, pixels and rows of
a batch, and a list's against its length.

./build.sh bench scaling [LIST]: NAS-Bench-201's best cell on one CPU thread, one
setting doubled at a time; a process for each, whose largest memory is the
system's figure. The exponent is the slope of a line through the logarithms, of
what is above the smallest memory there. LIST (100,000 by default) architectures
are scored by `params`, by the stream and from a file.
"""

import itertools
import json
import math
import os
import subprocess
import sys
import tempfile
import time

COMMAND = os.path.join(os.path.dirname(__file__), "..", "target", "release", "dextr")
CELL = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|"
SPACE = ["score", "--space", "nasbench201", "--device", "cpu", "--threads", "1", "--format", "json"]
ROUNDS = 3
NAMES = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


def run(arguments, given=None):
    """The first row, how many there are, seconds, and the most memory in MiB.

    The system counts what this program holds when it starts another as that
    one's, so that it holds nothing: rows are counted where they lie.
    """
    with tempfile.TemporaryFile() as out:
        start = time.monotonic()
        process = subprocess.Popen([COMMAND, *arguments], stdin=given, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        if os.waitstatus_to_exitcode(status) not in (0, 1):
            sys.exit(f"dextr {' '.join(arguments)} failed")
        out.seek(0)
        first = out.readline()
        count = bool(first) + sum(1 for _ in out)
        return json.loads(first), count, seconds, usage.ru_maxrss / 1024


def score(*arguments):
    """The fastest seconds of a score of some, and the most memory."""
    tries = [run([*SPACE, CELL, *arguments]) for _ in range(ROUNDS)]
    for row, _, _, _ in tries:
        if row["status"] != "ok":
            sys.exit(row["message"])
    return min(row["seconds"] for row, _, _, _ in tries), max(memory for _, _, _, memory in tries)


def slope(xs, ys):
    """Of the line through the logarithms."""
    pairs = [(math.log(x), math.log(y)) for x, y in zip(xs, ys) if y > 0]
    mean_x, mean_y = (sum(values) / len(pairs) for values in zip(*pairs))
    over = sum((x - mean_x) * (y - mean_y) for x, y in pairs)
    return over / sum((x - mean_x) ** 2 for x, _ in pairs)


def grow(name, values, arguments):
    found = [score(*arguments(value)) for value in values]
    seconds, memory = zip(*found)
    least = min(memory)
    above = [most - least for most in memory]
    shown = [f"{value}: {took:.3f} s, {most:.0f} MiB" for value, took, most in zip(values, seconds, memory)]
    print(f"| {name} | {'; '.join(shown)} | {slope(values, seconds):.2f} | {slope(values, above):.2f} |", flush=True)


def lists(length):
    """A list's seconds and memory at a tenth of its length and at all of it."""
    cells = (
        f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|\n" for a, b, c, d, e, f in itertools.product(NAMES, repeat=6)
    )
    cells = list(cells)
    for count in (length // 10, length):
        with tempfile.NamedTemporaryFile("w+", suffix=".txt") as file:
            file.writelines(cells[i % len(cells)] for i in range(count))
            file.flush()
            cheap = [*SPACE, "--proxy", "params"]
            whole = run([*cheap, "--input", file.name])
            with open(file.name, encoding="utf-8") as given:
                stream = run([*cheap, "--input", "-", "--out", "-"], given)
            for name, (_, rows, seconds, memory) in (("a file", whole), ("a stream", stream)):
                if rows != count:
                    sys.exit(f"{name}: {rows} rows of {count}")
                print(f"{count:,} architectures by params from {name}: {seconds:.1f} s, {memory:.0f} MiB", flush=True)


def main():
    length = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    print("| grows | values | exponent of time | of memory |\n|---|---|---|---|")
    grow("cells a stage (layers)", [2, 4, 8, 16], lambda n: ["--set", f"cells={n}"])
    grow("channels of the first stage", [8, 16, 32, 64], lambda n: ["--set", f"stem_width={n}"])
    grow("side of the image, pixels", [16, 32, 64, 128], lambda n: ["--set", f"size={n}"])
    grow("circles (three rows each)", [2, 4, 8, 16], lambda n: ["--curves", str(n)])
    grow("weight seeds", [1, 2, 4, 8], lambda n: ["--seeds", str(n)])
    lists(length)


if __name__ == "__main__":
    main()
