#!/usr/bin/env python3
"""Draws the rows of an audit sample again from a report, without cdip.

    python3 draw.py REPORT METHOD SIZE SEED        METHOD is mus, random or stratified

Prints source file, sheet, row, amount and hits of every row drawn. Needs only Python 3.
"""
import csv
import hashlib
import json
import sys
from bisect import bisect_left
from fractions import Fraction

KINDS = ["district", "district_charter", "institute_charter", "boces"]


def plain(text):
    """A text without the apostrophe that keeps a spreadsheet from calculating it."""
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r") else text


def sha256(text):
    return hashlib.sha256(text.encode("utf-8")).digest()


def paid_rows(report):
    """The paid rows in the report's order: path, order of sheets, row."""
    with open(f"{report}/allocation.json", encoding="utf-8") as file:
        people = json.load(file)["participants"]
    kinds = {"-".join(filter(None, (one["district_code"], one["school_code"]))): one["kind"]
             for one in people}
    with open(f"{report}/completions.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["outcome"] != "paid":
                continue
            row["file"], row["sheet"] = plain(row["source_file"]), plain(row["source_sheet"])
            row["cents"] = int(row["amount"].replace(".", ""))
            row["stratum"] = (KINDS.index(kinds[row["participant"]]), int(row["tier"]))
            yield row


def by_money(rows, size, seed):
    """The rows that hold every interval's cent, counted from a random start."""
    rows.sort(key=lambda row: (row["participant"], row["file"].encode("utf-8")))
    if size > len(rows):
        return [(row, "") for row in rows]
    interval = Fraction(sum(row["cents"] for row in rows), size)
    start = interval * int.from_bytes(sha256(f"seed:{seed}")[:8], "big") / 2 ** 64
    cents = [int(start + k * interval) for k in range(size)]
    drawn, behind = [], 0
    for row in rows:
        before, behind = behind, behind + row["cents"]
        hits = bisect_left(cents, behind) - bisect_left(cents, before)
        if hits:
            drawn.append((row, hits))
    return drawn


def at_random(rows, size, seed):
    """The rows with the least hashes."""
    def key(row):
        return sha256(f"seed:{seed}:{row['file']}!{row['sheet']}!{row['source_row']}")
    return [(row, "") for row in sorted(rows, key=key)[:size]]


def per_stratum(have, size):
    """One row a stratum, the others by largest remainder over the rows it has beyond that one."""
    gives, left = {stratum: 1 for stratum in have}, min(size, sum(have.values())) - len(have)
    while left > 0:
        more = {each: have[each] - 1 for each in sorted(have) if gives[each] < have[each]}
        share = {each: Fraction(left * more[each], sum(more.values())) for each in more}
        over = left - sum(int(part) for part in share.values())
        first = sorted(more, key=lambda each: int(share[each]) - share[each])[:over]
        for each in more:
            taken = min(int(share[each]) + (each in first), have[each] - gives[each])
            gives[each], left = gives[each] + taken, left - taken
    return gives


def stratified(rows, size, seed):
    """By kind of participant and tier, at random in each."""
    strata = {}
    for row in rows:
        strata.setdefault(row["stratum"], []).append(row)
    if size < len(strata):
        sys.exit(f"there are {len(strata)} strata: draw at least as many rows")
    gives = per_stratum({stratum: len(members) for stratum, members in strata.items()}, size)
    return [one for stratum in sorted(strata)
            for one in at_random(strata[stratum], gives[stratum], seed)]


if __name__ == "__main__":
    report, method, size, seed = sys.argv[1:]
    draw = {"mus": by_money, "random": at_random, "stratified": stratified}[method]
    out = csv.writer(sys.stdout, lineterminator="\n")
    for row, hits in draw(list(paid_rows(report)), int(size), seed):
        out.writerow([row["file"], row["sheet"], row["source_row"], row["amount"], hits])
