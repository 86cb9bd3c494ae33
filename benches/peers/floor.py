"""The floor under a run: the same bytes inflated and looked at, deflated and written, and nothing else, by zlib in C.

    python3 benches/peers/floor.py BATCH REPORT OUT

Reads every part of every workbook of the batch and counts its cells; then deflates every part of every workbook of the report at the report's own
ratio (zlib's level 6) and writes them, and copies the report's other files. One core, no checks, no rows. Prints seconds and megabytes of both halves.
"""

import json
import sys
import time
import zipfile
import zlib
from pathlib import Path


def main():
    batch, report, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True)
    begun = time.process_time()
    inflated = cells = 0
    for file in sorted(batch.glob("submissions/**/*.xlsx")):
        with zipfile.ZipFile(file) as book:
            for name in book.namelist():
                part = book.read(name)
                inflated += len(part)
                cells += part.count(b"<c ")
    read = time.process_time() - begun
    # The report's parts are inflated before the clock starts: only writing them is measured.
    parts, others = [], []
    for file in sorted(path for path in report.rglob("*") if path.is_file()):
        if file.suffix == ".xlsx":
            with zipfile.ZipFile(file) as book:
                parts.append([book.read(name) for name in book.namelist()])
        else:
            others.append(file.read_bytes())
    begun = time.process_time()
    deflated = written = 0
    for number, book in enumerate(parts):
        with (out / f"{number}.zip").open("wb") as file:
            for part in book:
                deflated += len(part)
                written += file.write(zlib.compress(part, 6))
    for number, content in enumerate(others):
        written += (out / f"{number}.txt").write_bytes(content)
    wrote = time.process_time() - begun
    print(json.dumps({
        "read_seconds": round(read, 3), "inflated_mb": inflated // 10**6, "cells": cells,
        "write_seconds": round(wrote, 3), "deflated_mb": deflated // 10**6, "written_mb": written // 10**6,
    }))


main()
