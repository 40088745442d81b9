"""Tests of this folder: Ray with two workers, a Slurm array, GNU parallel.

    python test_cluster.py PATH_TO_DEXTR

Ray runs on this machine alone. Slurm is stood in for by a loop, and so is GNU
parallel where it is not installed. Whatever way the rows come, they must be
those of one process.
"""

import contextlib
import csv
import json
import logging
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)  # else Ray writes one into the home folder

import ray

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import dextr_ray

DEXTR = ""  # the command, from the command line
SPACE = "nasbench201"
SMALL = {"set": ["size=8", "cells=1", "stem_width=4"], "curves": 1}  # a cell in a millisecond
SMALL_FLAGS = "--set size=8 --set cells=1 --set stem_width=4 --curves 1".split()
OPERATIONS = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"]


def cell(number):
    """One of the 15,625 cells."""
    a, b, c, d, e, f = (OPERATIONS[number // 5**k % 5] for k in range(6))
    return f"|{a}~0|+|{b}~0|{c}~1|+|{d}~0|{e}~1|{f}~2|"


# Two columns besides the architecture, one of them under a name that a row has.
TABLE = [{"arch": cell(307 * i + 3123), "id": i, "seed": 100 + i} for i in range(40)]


def start_ray(folder):
    """Ray on this machine alone, for two workers and Ray's own tasks, which are few."""
    ray.init(
        address="local",
        num_cpus=3,
        object_store_memory=100 << 20,
        include_dashboard=False,
        log_to_driver=False,
        logging_level="ERROR",
        _temp_dir=str(folder),
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)


def setUpModule():
    global FOLDER
    FOLDER = pathlib.Path(tempfile.mkdtemp(prefix="dextr-"))
    start_ray(FOLDER / "ray")


def tearDownModule():
    ray.shutdown()
    shutil.rmtree(FOLDER, ignore_errors=True)


def alone(table, *flags):
    """The rows of one process, as they are."""
    words = [DEXTR, "score", "--space", SPACE, "--device", "cpu", "--threads", "1", *flags]
    words += ["--input", "-", "--format", "json", "--out", "-"]
    lines = "".join(json.dumps(row) + "\n" for row in table)
    run = subprocess.run(words, input=lines, stdout=subprocess.PIPE, text=True, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def comparable(rows):
    """Rows in the table's order, without what differs from run to run and what the module adds."""
    rows = sorted(rows, key=lambda row: row["id"])
    return [{k: v for k, v in row.items() if k not in ("seconds", "flags", "input_arch")} for row in rows]


class Logged:
    """A command that is dextr, and tells under which process number it runs."""

    def __init__(self, name):
        self.log = FOLDER / f"{name}.pids"
        self.command = FOLDER / name
        self.command.write_text(f'#!/bin/sh\necho $$ >>"{self.log}"\nexec "{DEXTR}" "$@"\n')
        self.command.chmod(0o755)

    def pids(self):
        return [int(pid) for pid in self.log.read_text().split()] if self.log.exists() else []


def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def runs(pid):
    with contextlib.suppress(FileNotFoundError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def wait_until(what):
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)


class Process(unittest.TestCase):
    """The warm process, without Ray."""

    def process(self, command=None, **settings):
        flags = ["--space", SPACE, "--device", "cpu", "--threads", "1", *SMALL_FLAGS]
        flags += [word for name, value in settings.items() for word in (f"--{name}", value)]
        process = dextr_ray.Process(str(command or DEXTR), flags)
        self.addCleanup(process.close)
        return process

    def script(self, name, text):
        path = FOLDER / name
        path.write_text("#!/bin/sh\n" + text)
        path.chmod(0o755)
        return path

    def test_every_line_has_a_row_whatever_stands_in_it(self):
        wrong = ["nor_conv_3x3", "", "# no comment", "two\nlines", None, -5]
        process = self.process()
        rows = process.rows([*wrong, cell(15624 // 2)])
        self.assertEqual([row["status"] for row in rows], ["error"] * len(wrong) + ["ok"])
        self.assertTrue(all(row["message"] for row in rows[:-1]))
        pid = process.running.pid
        self.assertEqual(process.rows([cell(15624 // 2)])[0]["score"], rows[-1]["score"])
        self.assertEqual(process.running.pid, pid, "the process is warm")

    def test_a_batch_larger_than_the_pipes_does_not_get_stuck(self):
        archs = ["x" * 1000] * 500
        self.assertEqual(len(self.process().rows(archs)), len(archs))

    def test_a_killed_process_is_asked_again(self):
        process = self.process()
        before = process.rows([cell(15624 // 2)])
        process.running.kill()
        after = process.rows([cell(15624 // 2)])
        self.assertEqual(before[0] | {"seconds": 0}, after[0] | {"seconds": 0})

    def test_a_process_that_dies_again_is_an_error_that_says_where_and_why(self):
        bad = self.script("dies", 'read line; echo "out of memory" >&2; exit 3\n')
        with self.assertRaisesRegex(RuntimeError, r"died twice at 'a' \(status 3\)(.|\n)*out of memory"):
            self.process(bad).rows(["a", "b"])

    def test_settings_that_dextr_refuses_are_an_error_with_its_words(self):
        with self.assertRaisesRegex(RuntimeError, "cannot begin(.|\n)*nonsense"):
            self.process(observe="nonsense").rows([cell(15624 // 2)])

    def test_a_missing_command_is_an_error_that_says_what_to_do(self):
        with self.assertRaisesRegex(RuntimeError, "cannot start '/no/dextr' .*command="):
            self.process("/no/dextr").rows([cell(15624 // 2)])


class Ray(unittest.TestCase):
    """Two workers."""

    def score(self, table, command=None, **more):
        data = table if isinstance(table, str) else ray.data.from_items(table)
        return dextr_ray.score(data, space=SPACE, workers=2, command=str(command or DEXTR), **more)

    def killed(self, name, victim):
        """All rows of a run in which a process was killed after the first ones."""
        logged, rows, dead = Logged(name), [], None
        scores = self.score(TABLE, logged.command, batch=4)
        for batch in scores.iter_batches(prefetch_batches=0, batch_size=None, batch_format="pyarrow"):
            rows += batch.to_pylist()
            if dead is None:
                dead, at = victim(logged.pids()[0]), len(rows)
                os.kill(dead, signal.SIGKILL)
        self.assertLess(at, len(TABLE) / 2, "it was killed too late")
        wait_until(lambda: not runs(dead))
        self.assertEqual(len(logged.pids()), 3, "two workers, and one that took over")
        self.assertEqual(comparable(rows), comparable(alone(TABLE)))
        return logged

    def test_a_worker_is_killed_and_every_row_comes_once(self):
        logged = self.killed("worker", parent)
        wait_until(lambda: not any(runs(pid) for pid in logged.pids()))  # nothing is left behind

    def test_a_process_of_a_worker_is_killed_and_every_row_comes_once(self):
        self.killed("process", lambda pid: pid)

    def test_a_run_goes_on_where_it_stopped(self):
        typo = {"arch": "|nor_conv_3x3~0|+|typo", "id": 40, "seed": 140}
        for kind in ("parquet", "json"):
            done = str(FOLDER / f"done-{kind}")
            first = self.score([*TABLE[:12], typo], settings=SMALL, done=done, batch=4)
            first.write_parquet(done) if kind == "parquet" else first.write_json(done)
            rest = self.score([*TABLE, typo], settings=SMALL, done=done, batch=4).take_all()
            self.assertEqual(comparable(rest), comparable(alone([*TABLE[12:], typo], *SMALL_FLAGS)))
            self.assertEqual([row["id"] for row in rest if row["status"] == "error"], [40])
            with self.assertRaisesRegex(ValueError, "other settings"):
                self.score(TABLE, done=done)
        self.score(TABLE[12:], settings=SMALL, batch=4).write_parquet(done := str(FOLDER / "done-parquet"))
        self.assertEqual(self.score(TABLE, settings=SMALL, done=done).count(), 0)
        self.assertEqual(ray.data.read_parquet(done).count(), len(TABLE) + 1)

    def test_a_file_begun_by_the_command_line_goes_on_by_a_key(self):
        begun, table = FOLDER / "begun.jsonl", FOLDER / "table.csv"
        begun.write_text("".join(json.dumps(row) + "\n" for row in alone(TABLE[:12], *SMALL_FLAGS)) + '{"half": "a r')
        with table.open("w", newline="") as file:
            writer = csv.DictWriter(file, TABLE[0])
            writer.writeheader()
            writer.writerows(TABLE)
        rest = self.score(str(table), settings=SMALL, key="id", done=str(begun), batch=4).take_all()
        self.assertEqual(comparable(rest), comparable(alone(TABLE[12:], *SMALL_FLAGS)))

    def test_the_run_ends_where_the_command_is_missing_and_says_what_to_do(self):
        with self.assertRaisesRegex(Exception, "cannot start '/no/dextr' .*command="):
            self.score(TABLE, "/no/dextr").take_all()

    def test_half_a_file_is_an_error_that_names_it(self):
        torn = FOLDER / "torn" / "half.parquet"
        torn.parent.mkdir()
        torn.write_bytes(b"PAR1 and no end")
        with self.assertRaisesRegex(ValueError, "half.parquet.* Delete it"):
            self.score(TABLE, done=str(torn.parent))

    def test_workers_on_all_cpus_are_refused(self):
        with self.assertRaisesRegex(ValueError, "none of 3 CPUs"):
            dextr_ray.score(ray.data.from_items(TABLE), space=SPACE, workers=3)


PARALLEL = """#!/bin/bash
# Stands in for GNU parallel: options, a command with {}, ::: and what to put there.
while [[ $1 == --* ]]; do shift; done
while [[ $1 != ::: ]]; do words+=("$1"); shift; done
printf '%s\\n' "${@:2}" | xargs -P 2 -I '{}' "${words[@]}"
"""


class Shards(unittest.TestCase):
    """The scripts, in a folder with a table, `dextr` being on the path."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=FOLDER))
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "dextr").symlink_to(DEXTR)
        self.environment = os.environ | {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        with (self.folder / "cells.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, TABLE[0])
            writer.writeheader()
            writer.writerows(TABLE)
        flags = ["--space", SPACE, "--device", "cpu", *SMALL_FLAGS]
        self.bash("dextr", "score", "--input", "cells.csv", "--out", "alone.csv", *flags)

    def bash(self, *words, **variables):
        run = subprocess.run(
            words, cwd=self.folder, env=self.environment | variables, capture_output=True, text=True, check=False
        )
        self.assertEqual(run.returncode, 0, f"{words}\n{run.stdout}{run.stderr}")
        return run

    def rows(self, name):
        with (self.folder / name).open(newline="") as file:
            return [{k: v for k, v in row.items() if k not in ("seconds", "shard")} for row in csv.DictReader(file)]

    def test_a_slurm_array(self):
        for task in range(1, 17):
            self.bash("bash", str(HERE / "slurm.sh"), "cells.csv", SPACE, *SMALL_FLAGS, SLURM_ARRAY_TASK_ID=str(task))
        parts = sorted(str(path.relative_to(self.folder)) for path in (self.folder / "scores").iterdir())
        self.bash("dextr", "merge", *parts, "--input", "cells.csv", "--space", SPACE, "--out", "scores.csv")
        self.assertEqual(self.rows("scores.csv"), self.rows("alone.csv"))

    def test_gnu_parallel(self):
        if not shutil.which("parallel"):
            stand_in = self.folder / "bin" / "parallel"
            stand_in.write_text(PARALLEL)
            stand_in.chmod(0o755)
        self.bash("bash", str(HERE / "parallel.sh"), "cells.csv", SPACE, *SMALL_FLAGS)
        self.assertEqual(self.rows("scores.csv"), self.rows("alone.csv"))


if __name__ == "__main__":
    DEXTR = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
