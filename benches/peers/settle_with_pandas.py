"""What `cdip settle` does, as an analyst would in pandas: awards and payments in, what is due and overpaid out.

    python3 benches/peers/settle_with_pandas.py REPORT PAYMENTS OUT

It does less: it trusts the report (no hash, no recalculation), writes no journal and no receipt, and does not look at the cash that is left. Prints the
sums in cents, so that they can be held against the program's.
"""

import json
import sys
from pathlib import Path

import pandas as pd


def cents(texts):
    return texts.str.replace(".", "", regex=False).astype("int64")


def main():
    report, payments, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True)
    awards = pd.read_csv(report / "awards.csv", dtype=str, keep_default_na=False)
    paid = pd.read_csv(payments, dtype=str, keep_default_na=False)
    lines = pd.concat([cents(awards["total"]).groupby(awards["payee"]).sum(), cents(paid["Amount"]).groupby(paid["Payee"]).sum()], axis=1).fillna(0)
    lines.columns = ["award", "paid"]
    lines["due"] = (lines["award"] - lines["paid"]).clip(lower=0)
    lines["overpaid"] = (lines["paid"] - lines["award"]).clip(lower=0)
    lines.to_csv(out / "settlement.csv")
    with pd.ExcelWriter(out / "settlement.xlsx", engine="openpyxl") as book:
        lines.to_excel(book, sheet_name="Settlement")
    print(json.dumps({column: int(lines[column].sum()) for column in lines.columns}))


main()
