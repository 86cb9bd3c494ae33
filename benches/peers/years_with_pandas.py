"""What `cdip years` does, as an analyst would in pandas: several reports in, one tidy table and a workbook with a sheet for each question out.

    python3 benches/peers/years_with_pandas.py REPORT... OUT

It does less: it trusts the reports (no hash, no recalculation), draws no chart and no page, and has no funnel, no losses and no list of what
cannot be compared. Prints completions, units and cents, so that they can be held against the program's.
"""

import json
import sys
from pathlib import Path

import pandas as pd

DIMENSIONS = ["budget_year", "participant", "payee", "sector", "program_code", "tier", "category"]
FIGURES = ["completions", "units", "frl_units", "cents"]


def year_of(report):
    allocation = json.loads((report / "allocation.json").read_text())
    rows = pd.read_csv(
        report / "completions.csv", dtype=str, keep_default_na=False,
        usecols=["participant", "sector", "program_code", "category", "tier", "outcome", "frl", "weight", "amount"],
    )
    payees = {entry["district_code"] + ("-" + entry["school_code"] if entry.get("school_code") else ""): entry["payee"] for entry in allocation["participants"]}
    rows["budget_year"] = allocation["rules"]["id"].removeprefix("co-cdip-")
    rows["payee"] = rows["participant"].map(payees).fillna("")
    unit = rows["outcome"].isin(["paid", "unfunded"])
    rows["completions"] = 1
    rows["units"] = unit.astype(int)
    rows["frl_units"] = (unit & (rows["frl"] == "Y")).astype(int)
    rows["cents"] = rows["amount"].str.replace(".", "", regex=False).astype("int64")
    return rows[DIMENSIONS + FIGURES].groupby(DIMENSIONS, as_index=False)[FIGURES].sum()


def main():
    *reports, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True)
    lines = pd.concat([year_of(report) for report in reports], ignore_index=True)
    lines.to_csv(out / "years.csv", index=False)
    with pd.ExcelWriter(out / "years.xlsx", engine="openpyxl") as book:
        lines.to_excel(book, sheet_name="Lines", index=False)
        for dimension in DIMENSIONS[1:]:
            table = lines.pivot_table(index=dimension, columns="budget_year", values=FIGURES, aggfunc="sum", fill_value=0)
            table.to_excel(book, sheet_name=dimension.replace("_", " ").capitalize())
    print(json.dumps({figure: int(lines[figure].sum()) for figure in FIGURES}))


main()
