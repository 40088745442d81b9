"""Measures beside each other, in turn, in one run:

    python bench_cluster.py PATH_TO_DEXTR [--cells 960] [--rounds 3]

- the rows a second of two warm workers through Ray by those of one warm process
  (1.7 or more on two idle cores); two processes without Ray stand beside them,
  and the run as a whole, with Ray's seconds before the first rows;
- the time of one process by the sum of its rows' `seconds` (1.02 or less): what
  the stream, JSON and reading a cell cost. All lines are sent at once; a row
  that is asked for alone stands beside it.

Nothing else should run on the machine.
"""

import argparse
import concurrent.futures
import os
import statistics
import tempfile
import time

os.environ["RAY_worker_niceness"] = "0"  # Ray's default, 15, gives way to whatever else runs

from test_cluster import SPACE, cell, dextr_ray, ray, start_ray

FLAGS = ["--space", SPACE, "--device", "cpu", "--threads", "1"]
BATCH = 32  # of half the size that people get who do not say


def warm(dextr):
    process = dextr_ray.Process(dextr, FLAGS)
    process.rows([cell(7812)])
    return process


def one_process(dextr, archs):
    """Its rows a second, and its time by its rows' `seconds`."""
    process = warm(dextr)
    start = time.perf_counter()
    rows = process.rows(archs)
    took = time.perf_counter() - start
    process.close()
    return len(rows) / took, took / sum(row["seconds"] for row in rows)


def two_processes(dextr, archs):
    """Their rows a second, each having a half."""
    processes = [warm(dextr), warm(dextr)]
    start = time.perf_counter()
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(lambda process, half: process.rows(half), processes, (archs[::2], archs[1::2])))
    took = time.perf_counter() - start
    for process in processes:
        process.close()
    return len(archs) / took


def through_ray(dextr, archs):
    """The rows a second of two workers: after the first two batches, and of the whole run."""
    table = ray.data.from_items([{"arch": arch, "id": i} for i, arch in enumerate(archs)])
    start = time.perf_counter()
    scores = dextr_ray.score(table, space=SPACE, workers=2, command=dextr, batch=BATCH)
    came = [start]
    for batch in scores.iter_batches(prefetch_batches=0, batch_size=None, batch_format="pyarrow"):
        assert batch.num_rows == BATCH
        came.append(time.perf_counter())
    assert len(came) == 1 + len(archs) / BATCH
    return (len(archs) - 2 * BATCH) / (came[-1] - came[2]), len(archs) / (came[-1] - start)


def asked_alone(dextr, archs):
    """What a row takes beside its `seconds` where each waits for the one before, in ms."""
    process, beside = warm(dextr), []
    for arch in archs:
        start = time.perf_counter()
        row = process.rows([arch])[0]
        beside.append(time.perf_counter() - start - row["seconds"])
    process.close()
    return statistics.median(beside) * 1000


def measure(dextr, archs, rounds):
    pairs, workers, wholes, shares, lone = [], [], [], [], []
    for n in range(1, rounds + 1):
        one, share = one_process(dextr, archs)
        two = two_processes(dextr, archs)
        later, whole = through_ray(dextr, archs)
        pairs.append(two / one)
        workers.append(later / one)
        wholes.append(whole / one)
        shares.append(share)
        lone.append(asked_alone(dextr, archs[:50]))
        print(
            f"round {n}: rows a second: one process {one:.2f}, two {two:.2f}, "
            f"two workers through Ray {later:.2f}, the whole run {whole:.2f}; "
            f"one process by its seconds {share:.4f}",
            flush=True,
        )
    middle = statistics.median
    print(f"two workers through Ray by one process: {middle(workers):.2f} (1.7 or more)")
    print(f"  two processes without Ray: {middle(pairs):.2f}; the whole run of Ray: {middle(wholes):.2f}")
    print(f"one process by its rows' seconds: {middle(shares):.4f} (1.02 or less)")
    print(f"  a row that is asked for alone takes {middle(lone):.2f} ms more than its seconds")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("dextr")
    arguments.add_argument("--cells", type=int, default=960)
    arguments.add_argument("--rounds", type=int, default=3)
    given = arguments.parse_args()
    archs = [cell(307 * i + 3123) for i in range(given.cells // BATCH * BATCH)]
    with tempfile.TemporaryDirectory(prefix="dextr-") as folder:
        start_ray(folder)
        measure(os.path.abspath(given.dextr), archs, given.rounds)
        ray.shutdown()


if __name__ == "__main__":
    main()
