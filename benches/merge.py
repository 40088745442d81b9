"""How much memory and time a merge of many rows takes.

./build.sh bench merge [ROWS]: two files of synthetic rows, CSV, in which a tenth
stands twice (once as an error), are merged; prints the largest resident memory
and the rows a second. 10 million rows (the default) take 8 GB of disk.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time

COMMAND = os.path.join(os.path.dirname(__file__), "..", "target", "release", "dextr")


def rows(path, start, end, row, failed_from):
    """Writes rows with numbers for architectures; errors from one on."""
    with open(path, "w") as file:
        header, good, bad = row
        file.write(header)
        for number in range(start, end):
            file.write((bad if number >= failed_from else good).replace("ARCH", f"|op~{number}|"))


def template(folder):
    """The header and a row as the command line writes them, and as an error."""
    out = os.path.join(folder, "one.csv")
    cell = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|"
    fixed = [COMMAND, "score", "--device", "cpu", "--space", "nasbench201", "--out", out, cell]
    subprocess.run(fixed, check=True, stderr=subprocess.DEVNULL)
    with open(out) as file:
        header, good = file.readlines()
    good = good.replace(cell, "ARCH")
    cells = good.rstrip("\n").split(",")
    place = {name: i for i, name in enumerate(header.rstrip("\n").split(","))}
    cells[place["status"]], cells[place["message"]] = "error", "lost"
    for name in ("score", "s", "k", "curvature", "ratio_sum", "params", "macs", "seconds"):
        cells[place[name]] = ""
    return header, good, ",".join(cells) + "\n"


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        row = template(folder)
        first, second, out = (os.path.join(folder, name) for name in ("a.csv", "b.csv", "all.csv"))
        # Of all rows a tenth is in both files, in the first as an error.
        middle, overlap = count * 11 // 20, count // 10
        rows(first, 0, middle, row, middle - overlap)
        rows(second, middle - overlap, count, row, count)
        start = time.monotonic()
        merged = subprocess.run([COMMAND, "merge", first, second, "--out", out], stderr=subprocess.PIPE, text=True)
        seconds = time.monotonic() - start
        if merged.returncode != 0:
            sys.exit(f"the merge failed: {merged.stderr}")
        with open(out) as file:
            there = sum(1 for _ in file) - 1
        if there != count:
            sys.exit(f"{there} rows came out, {count} were wanted")
        print(merged.stderr.strip())
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{count} rows: {seconds:.0f} s, {count / seconds:.0f} rows a second, at most {peak:.0f} MiB in memory")


main()
