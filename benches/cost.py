"""What scoring a list costs: core seconds a score by space, all cores busy.

./build.sh bench cost [CANDIDATES]: random architectures of every space (40 by
default) at its default settings, on the CPU; then the check: how long 2,000
other architectures take (`--check FILE --space SPACE`), beside what the first
ones foretell. What one row costs varies with the architecture, so that a sample
foretells a list only as well as its own deviation lets it: both are printed.
"""

import argparse
import csv
import io
import os
import statistics
import subprocess
import sys
import time

COMMAND = os.path.join(os.path.dirname(__file__), "..", "target", "release", "dextr")
CORES = os.cpu_count() or 1


def run(*arguments):
    """Rows and seconds of a command."""
    start = time.monotonic()
    done = subprocess.run([COMMAND, *arguments, "--device", "cpu", "--format", "csv"], capture_output=True, text=True)
    seconds = time.monotonic() - start
    if done.returncode == 2:
        sys.exit(done.stderr)
    return list(csv.DictReader(io.StringIO(done.stdout))), seconds


def sample(space, count):
    """Core seconds a score: mean, standard error, and how many rows."""
    rows, wall = run("search", "--space", space, "--strategy", "random", "--candidates", str(count), "--best", "1")
    own = [float(row["seconds"]) for row in rows if row["seconds"]]
    mean = wall * CORES / len(rows)
    return mean, statistics.stdev(own) / len(own) ** 0.5 * mean / statistics.mean(own), len(rows)


def spaces():
    done = subprocess.run([COMMAND, "spaces", "--format", "csv"], capture_output=True, text=True, check=True)
    return [row["space"] for row in csv.DictReader(io.StringIO(done.stdout))]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("candidates", nargs="?", type=int, default=40)
    parser.add_argument("--check")
    parser.add_argument("--space")
    asked = parser.parse_args()
    print(f"{CORES} cores\n\n| space | architectures | core seconds a score | scores an hour and core |\n|---|---|---|---|")
    found = {}
    for space in [asked.space] if asked.space else spaces():
        mean, error, count = found[space] = sample(space, asked.candidates)
        print(f"| `{space}` | {count} | {mean:.3f} ± {error:.3f} | {3600 / mean:,.0f} |", flush=True)
    if asked.check:
        mean, error, _ = found[asked.space]
        rows, wall = run("score", "--space", asked.space, "--input", asked.check)
        foretold = mean * len(rows) / CORES
        print(f"\n{len(rows)} rows of {asked.check}: {wall:.0f} s, foretold {foretold:.0f} ± {error * len(rows) / CORES:.0f} s "
              f"({wall / foretold:.2f} of it)")


main()
