"""Scores a table of architectures with Dextr on a Ray cluster.

    import dextr_ray
    rows = dextr_ray.score("cells.csv", space="nasbench201", workers=15, done="scores")
    rows.write_parquet("scores")  # run it again to go on where it stopped

Each worker has one warm `dextr` process: the command must be on every machine.
Take this file along; it needs `ray[data]` (requirements.txt) and nothing else.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is reported to anybody

import pyarrow
import pyarrow.parquet
import ray
import ray.data

# The workers get this file with their work: it need not be on their machines.
ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])

WHOLE = "params macs seed seeds image_seed curve_seed curves".split()


class Process:
    """One warm `dextr score`. It starts with the first architecture."""

    def __init__(self, command: str, flags: list[str]) -> None:
        self.words = [command, "score", *flags, "--input", "-", "--format", "json", "--out", "-"]
        self.running: subprocess.Popen[bytes] | None = None

    def rows(self, archs: list[Any]) -> list[dict[str, Any]]:
        """A row for each architecture, in order. Where the process dies it asks a new one."""
        lines = [json.dumps({"arch": arch}).encode() + b"\n" for arch in archs]
        rows: list[dict[str, Any]] = []
        died_at = None
        while len(rows) < len(lines):
            process = self.running = self.running or self._start()
            # All lines at once, so that the process never waits for us; in a thread,
            # since it stops reading when nobody takes its rows, and pipes are small.
            writer = threading.Thread(target=_write, args=(process, lines[len(rows) :]))
            writer.start()
            while len(rows) < len(lines) and (line := process.stdout.readline()).endswith(b"\n"):
                rows.append(json.loads(line))
            writer.join()
            if len(rows) < len(lines):
                status = process.wait()
                if status == 2 or died_at == len(rows):
                    self.stderr.seek(0)
                    said = self.stderr.read().decode(errors="replace")[-2000:]
                    why = "cannot begin" if status == 2 else f"died twice at {archs[len(rows)]!r}"
                    raise RuntimeError(f"dextr {why} (status {status}): {' '.join(self.words)}\n{said}")
                died_at = len(rows)
                self.close()
        return rows

    def close(self) -> None:
        """Ends the process. (It also ends when this one does: its input is closed then.)"""
        if self.running:
            with contextlib.suppress(BrokenPipeError):
                self.running.stdin.close()
            self.running.stdout.close()
            self.running.wait()
            self.stderr.close()
            self.running = None

    def _start(self) -> subprocess.Popen[bytes]:
        self.stderr = tempfile.TemporaryFile()  # a pipe that nobody reads would fill
        pipe = subprocess.PIPE
        try:
            return subprocess.Popen(self.words, stdin=pipe, stdout=pipe, stderr=self.stderr)
        except OSError as error:
            raise RuntimeError(
                f"cannot start {self.words[0]!r} ({error.strerror}): "
                "put dextr on every machine and give its path as command=..."
            ) from error


def _write(process: subprocess.Popen[bytes], lines: list[bytes]) -> None:
    with contextlib.suppress(BrokenPipeError):  # it died: whoever reads sees that
        process.stdin.writelines(lines)
        process.stdin.flush()


class Worker:
    """An actor of the pool: turns batches of the table into rows."""

    def __init__(self, command: str, flags: list[str], arch: str, key: str, have: set[Any]) -> None:
        self.process, self.flags = Process(command, flags), " ".join(flags)
        self.arch, self.key, self.have = arch, key, have

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        wanted = [key not in self.have for key in table[self.key].to_pylist()]
        table = table.filter(pyarrow.array(wanted, pyarrow.bool_()))
        rows = [row | {"flags": self.flags} for row in self.process.rows(table[self.arch].to_pylist())]
        if not rows:
            return pyarrow.table({})
        columns = {name: _column(name, [row[name] for row in rows]) for name in rows[0]}
        for name, column in zip(table.column_names, table.columns):  # named as dextr names them
            while name in columns:
                name = f"input_{name}"
            columns[name] = column
        return pyarrow.table(columns)


def _column(name: str, values: list[Any]) -> pyarrow.Array:
    """A column of rows, of the same type where all its values are missing."""
    if name in WHOLE:
        return pyarrow.array(values, pyarrow.int64())
    text = any(isinstance(value, str) for value in values)  # texts may be empty, but are there
    return pyarrow.array(values, pyarrow.string() if text else pyarrow.float64())


def score(
    data: ray.data.Dataset | str | list[str],
    *,
    space: str,
    workers: int,
    command: str = "dextr",
    settings: dict[str, Any] | None = None,
    arch: str = "arch",
    key: str | None = None,
    done: str | None = None,
    batch: int = 64,
) -> ray.data.Dataset:
    """A dataset with a row for each row of `data` that `done` has not scored yet.

    `data` is a dataset, or files (CSV, JSON lines or Parquet), with architectures
    in the column `arch`. The column `key` names a row. It is the architecture,
    unless you say otherwise: do so where one stands in the table more than once.
    `settings` are flags of `dextr score`: {"seeds": 3, "set": ["size=16", "cells=1"]}.
    `done` is a folder or file (Parquet or JSON lines) that earlier runs wrote: what
    has a row there is left out, unless its status is `error`.
    `batch` is how many rows a worker takes at a time, and what is lost with it.
    """
    flags = ["--space", space]
    for name, value in ({"device": "cpu", "threads": 1} | (settings or {})).items():
        for one in value if isinstance(value, list) else [value]:
            flags += [f"--{name.replace('_', '-')}", str(one)]
    key = key or arch
    have = scored(done, key, " ".join(flags)) if done else set()
    if not ray.is_initialized():
        ray.init()
    cpus = int(ray.cluster_resources().get("CPU", 0))
    if workers >= cpus:  # it would wait for ever
        raise ValueError(
            f"{workers} workers leave none of {cpus} CPUs to Ray's own reading and writing: "
            f"take fewer, or tell Ray of one more: ray.init(num_cpus={workers + 1})"
        )
    if not isinstance(data, ray.data.Dataset):
        kinds = {".csv": ray.data.read_csv, ".json": ray.data.read_json, ".jsonl": ray.data.read_json}
        files = data if isinstance(data, list) else [data]
        data = kinds.get(Path(files[0]).suffix, ray.data.read_parquet)(files)
    return data.repartition(target_num_rows_per_block=batch, strict=True).map_batches(
        Worker,
        fn_constructor_args=(command, flags, arch, key, have),
        batch_size=None,
        batch_format="pyarrow",
        num_cpus=1,
        compute=ray.data.ActorPoolStrategy(size=workers),
    )


def scored(done: str, key: str, flags: str) -> set[Any]:
    """The keys of the rows in `done`, but for those with an error."""
    keys = set()
    for file in sorted(Path(done).rglob("*")) if Path(done).is_dir() else [Path(done)]:
        if file.suffix == ".parquet":
            try:
                there = pyarrow.parquet.read_schema(file).names
            except pyarrow.ArrowInvalid as error:
                raise ValueError(f"{file}: {error} Delete it if a run was stopped while writing it.") from error
            names = [name for name in (f"input_{key}", key, "status", "flags") if name in there]
            rows = pyarrow.parquet.read_table(file, columns=names, partitioning=None).to_pylist()
        elif file.suffix in (".json", ".jsonl"):  # a last line without an end is half a row
            rows = [json.loads(line) for line in file.read_text().split("\n")[:-1]]
        else:
            continue
        for row in rows:
            if row.get("flags", flags) != flags:
                raise ValueError(f"{file} has rows of other settings ({row['flags']}): write to another folder")
            if row["status"] != "error":
                keys.add(row[f"input_{key}" if f"input_{key}" in row else key])
    return keys
