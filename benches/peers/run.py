#!/usr/bin/env python3
"""cdip beside what a state would use today: whole processes, the same batches, the same totals.

    python3 benches/peers/run.py                    13,000 and 130,000 rows, five runs of each program
    python3 benches/peers/run.py 13000 1000000      other sizes
    python3 benches/peers/run.py --runs 3 1000000   fewer runs

Builds cdip, installs the peers' libraries in an environment of their own and makes the batches, all under target/peers; then runs the programs in
turn, round after round, so that a slow minute of the machine meets all of them. Each run writes to a folder of its own, which stays until the end of
the comparison: a file system that was just told to forget hundreds of files is slow to make others. Prints medians of wall time and of peak memory,
and their ratios. Ends with an error if any program finds other totals, or if memory or time per row grows with the rows.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "peers"
# Rows for which the slowest peer takes ten minutes and gigabytes: it runs once there, and says so.
ONCE_FROM_ROWS = 1_000_000
# Below so many rows a turn begins with a run that does not count: what the program before it left of caches and memory weighs more than a short run.
WARMED_BELOW_ROWS = 100_000
# Time per row may differ by so much between two sizes, and memory may grow by so much as rows do.
PER_ROW_GROWTH_MAX = 1.2


def prepared():
    subprocess.run(["cargo", "build", "--release", "--quiet"], cwd=ROOT, check=True)
    python = WORK / "python" / "bin" / "python"
    if not python.exists():
        venv.create(WORK / "python", with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", HERE / "requirements.txt"], check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    return target / "release" / "cdip", python


def timed(command, out):
    """Runs a command that makes a folder: (seconds, peak memory in MB, what it printed)."""
    # What earlier runs wrote is on the disk before the clock starts.
    os.sync()
    begun = time.perf_counter()
    process = subprocess.Popen([*command, out], stdout=subprocess.PIPE)
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{command[0]} ended with status {process.returncode}")
    return seconds, usage.ru_maxrss / 1024, printed


def totals_of_cdip(out):
    allocation = json.loads((out / "allocation.json").read_text())
    outcomes = {name: count for name, count in sorted(allocation["buckets"].items()) if count}
    dollars, cents = allocation["paid"].split(".")
    return {"outcomes": outcomes, "paid": int(dollars) * 100 + int(cents)}


def compared(rows, runs, cdip, python):
    batch = WORK / f"batch-{rows}"
    if not batch.exists():
        making = WORK / "making"
        shutil.rmtree(making, ignore_errors=True)
        subprocess.run([python, HERE / "batch.py", making, str(rows)], check=True)
        making.rename(batch)
    programs = {
        "cdip": [cdip, "run", batch, "--out"],
        "polars + fastexcel + xlsxwriter": [python, HERE / "with_polars.py", batch],
        "pandas + openpyxl": [python, HERE / "with_pandas.py", batch],
    }
    outs = WORK / "out"
    shutil.rmtree(outs, ignore_errors=True)
    outs.mkdir()
    measured = {name: [] for name in programs}
    expected = None
    for run in range(runs):
        for name, command in programs.items():
            if run > 0 and name.startswith("pandas") and rows >= ONCE_FROM_ROWS:
                continue
            for turn in ["warming", "counted"] if rows < WARMED_BELOW_ROWS else ["counted"]:
                out = outs / f"{len(measured[name])} {name} {turn}"
                seconds, megabytes, printed = timed(command, out)
            totals = totals_of_cdip(out) if name == "cdip" else json.loads(printed)
            expected = expected or totals
            if totals != expected:
                sys.exit(f"{name} finds {totals}, not {expected}")
            measured[name].append((seconds, megabytes))
    shutil.rmtree(outs)
    medians = {name: (median(s for s, _ in got), median(m for _, m in got), len(got)) for name, got in measured.items()}
    own_seconds, own_megabytes, _ = medians["cdip"]
    print(f"\n{rows:,} rows: {expected['outcomes']['paid']:,} paid ${expected['paid'] // 100:,}.{expected['paid'] % 100:02}; all three agree")
    print(f"{'':34}{'seconds':>10}{'times':>8}{'MB':>9}{'times':>8}{'runs':>6}")
    for name, (seconds, megabytes, times) in medians.items():
        print(f"{name:34}{seconds:10.2f}{seconds / own_seconds:8.1f}{megabytes:9.0f}{megabytes / own_megabytes:8.1f}{times:6}", flush=True)
    return own_seconds, own_megabytes


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("rows", type=int, nargs="*", default=[13_000, 130_000])
    arguments.add_argument("--runs", type=int, default=5)
    asked = arguments.parse_args()
    WORK.mkdir(parents=True, exist_ok=True)
    cdip, python = prepared()
    sizes = sorted(asked.rows)
    own = [(rows, *compared(rows, asked.runs, cdip, python)) for rows in sizes]
    for (fewer, seconds, megabytes), (more, more_seconds, more_megabytes) in zip(own, own[1:]):
        per_row = (more_seconds / more) / (seconds / fewer)
        growth = (more_megabytes / megabytes) / (more / fewer)
        print(f"\n{more:,} against {fewer:,} rows: time per row x {per_row:.2f}, memory per row x {growth:.2f}")
        if max(per_row, growth) > PER_ROW_GROWTH_MAX:
            sys.exit(f"time or memory per row grows by more than {PER_ROW_GROWTH_MAX}")


main()
