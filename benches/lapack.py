"""numpy's singular values of the maps in a file: for each, rows and columns as
32-bit integers, then its numbers in single precision. Prints 0 when it has read
them, and for each line of its input the seconds of all of them."""
import os
import sys
import time

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = "1"

import numpy as np

data = open(sys.argv[1], "rb").read()
maps, at = [], 0
while at < len(data):
    rows, columns = np.frombuffer(data, "<u4", 2, at)
    count = int(rows) * int(columns)
    maps.append(np.frombuffer(data, "<f4", count, at + 8).reshape(rows, columns).astype(np.float64))
    at += 8 + 4 * count
print(0, flush=True)
for _ in sys.stdin:
    start = time.perf_counter()
    for one in maps:
        np.linalg.svd(one, compute_uv=False)
    print(time.perf_counter() - start, flush=True)
