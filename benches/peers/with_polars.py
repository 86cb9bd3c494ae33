"""The job in polars, fastexcel and xlsxwriter: the fastest that we know of in Python.

The same as `with_pandas.py`: reads every submission, decides every row, allocates by the default readings, writes a state workbook with all rows and
one workbook per reporting entity, and prints the totals.
"""

import json
import sys
import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path

import fastexcel
import polars as pl
import xlsxwriter

TIERS = [["industry_credential"], ["internship", "residency", "pre_apprenticeship", "apprenticeship"], ["ap_course"]]
COLUMNS = {
    "District Code": "district", "School Code": "school", "SASID": "sasid", "Grade": "grade", "Program Code": "program", "Completion Date": "date",
    "Free/Reduced Lunch": "frl", "Graduation Credit": "credit", "AP Exam Score": "score",
}
LISTED = ["file", "sheet", "row", "district", "school", "sasid", "program", "category", "tier", "date", "grade", "frl", "participant",
          "outcome", "codes", "weight", "amount"]
YES = ["Y", "YES", "TRUE", "T", "1"]
NO = ["N", "NO", "FALSE", "0", ""]
IN_ORDER = ["date", "sasid", "program", "participant", "file", "row"]


def read(folder):
    frames = []
    for path in sorted((folder / "submissions").glob("*.xlsx")):
        sheet = fastexcel.read_excel(path).load_sheet("Completions", dtypes="string", use_columns=list(COLUMNS))
        frame = sheet.to_polars().rename(COLUMNS).with_row_index("row", 2)
        frames.append(frame.with_columns(file=pl.lit(f"submissions/{path.name}"), sheet=pl.lit("Completions"), sender=pl.lit(path.name[:4])))
    texts = [column for column in COLUMNS.values() if column != "date"]
    return pl.concat(frames).with_columns(
        *(pl.col(column).fill_null("").str.strip_chars() for column in texts), pl.col("date").str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    ).with_columns(pl.col("program").str.to_uppercase(), pl.col("district", "school").str.zfill(4))


def decide(rows, folder):
    programs = pl.read_csv(folder / "qualified-programs.csv", infer_schema=False).fill_null("")
    listed = programs.filter((pl.col("Last School Year") == "") | (pl.col("Last School Year") >= "2023-24"))
    listed = listed.select(program="Program Code", category="Category")
    entries = pl.read_csv(folder / "participants.csv", infer_schema=False).fill_null("")
    entries = entries.select(district="District Code", school="School Code", takes_part=pl.col("Participating") == "Y")
    charters = entries.filter(pl.col("school") != "").with_columns(charter=pl.concat_str("district", pl.lit("-"), "school"))
    districts = entries.filter(pl.col("school") == "").select("district", whole="district", whole_takes_part="takes_part")
    prior = pl.read_csv(folder / "prior-payments.csv", infer_schema=False).select(sasid="SASID", program="Program Code", before=pl.lit(True)).unique()
    tiers = {category: number for number, tier in enumerate(TIERS) for category in tier}
    lunch, credit = pl.col("frl").str.to_uppercase(), pl.col("credit").str.to_uppercase()
    grade = pl.col("grade").replace("Senior", "12").str.strip_suffix("th").cast(pl.Int32, strict=False)
    score = pl.col("score").cast(pl.Int32, strict=False)
    codes = {
        "E201": ~pl.col("district").str.contains(r"^\d{4}$"),
        "E202": ~pl.col("school").str.contains(r"^\d{4}$"),
        "E203": ~pl.col("sasid").str.contains(r"^\d{10}$"),
        "E204": ~grade.is_between(0, 12).fill_null(False),
        "E205": pl.col("program") == "",
        "E206": pl.col("date").is_null(),
        "E208": ~lunch.is_in(YES + NO + ["FREE", "REDUCED", "PAID"]),
        "E209": ~pl.col("score").is_in(["", "1", "2", "3", "4", "5"]),
        "E210": ~credit.is_in(YES + NO + ["F"]),
        "N301": pl.col("category").is_null(),
        "N302": ~grade.is_between(9, 12).fill_null(False),
        "N303": ~pl.col("date").is_between(date(2023, 7, 1), date(2024, 6, 30)).fill_null(False),
        "N304": ~pl.coalesce("takes_part", "whole_takes_part").fill_null(False),
        "N305": (pl.col("category") == "industry_credential").fill_null(False) & ~credit.is_in(YES),
        "N306": (pl.col("category") == "ap_course").fill_null(False) & ~(score >= 3).fill_null(False),
        "N309": pl.col("before").is_not_null(),
    }
    rows = (
        rows.join(listed, on="program", how="left", maintain_order="left")
        .join(charters, on=["district", "school"], how="left", maintain_order="left")
        .join(districts, on="district", how="left", maintain_order="left")
        .join(prior, on=["sasid", "program"], how="left", maintain_order="left")
        .with_columns(**codes)
        .with_columns(
            bad=pl.any_horizontal(code for code in codes if code[0] == "E"),
            refused=pl.any_horizontal(code for code in codes if code[0] == "N"),
            participant=pl.coalesce("charter", "whole"),
            tier=pl.col("category").replace_strict(tiers, default=None, return_dtype=pl.Int32),
            frl=lunch.is_in(YES + ["FREE", "REDUCED"]),
        )
    )
    shown = [pl.when(pl.col(code) & ((code[0] == "E") | ~pl.col("bad"))).then(pl.lit(code)) for code in codes]
    rows = rows.with_columns(
        codes=pl.concat_str(shown, separator=" ", ignore_nulls=True),
        outcome=pl.when("bad").then(pl.lit("rejected")).when("refused").then(pl.lit("not_qualified"))
        .when(pl.col("sender") != pl.col("district")).then(pl.lit("held")),
    ).with_row_index("place")
    left = rows.filter(pl.col("outcome").is_null())
    claims = pl.col("participant").n_unique().over("sasid", "program")
    left = left.select("place", "sasid", "program", "date", "participant", "file", "row", claims=claims)
    held = left.filter(pl.col("claims") > 1).select("place", settled=pl.lit("held"))
    single = left.filter(pl.col("claims") == 1).sort("date", "participant", "file", "row")
    again = single.filter(~pl.struct("sasid", "program").is_first_distinct()).select("place", settled=pl.lit("duplicate"))
    return settle(rows, pl.concat([held, again]))


def settle(rows, settled):
    joined = rows.join(settled, on="place", how="left", maintain_order="left")
    return joined.with_columns(outcome=pl.coalesce("outcome", "settled")).drop("settled")


def allocate(rows, money):
    awards = []
    paid = pl.DataFrame(schema={"sasid": pl.String})
    for number in range(len(TIERS)):
        left = rows.filter(pl.col("outcome").is_null() & (pl.col("tier") == number)).sort(IN_ORDER)
        left = left.with_columns(counted=~pl.col("sasid").is_first_distinct())
        units = left.filter(~pl.col("counted")).join(paid, on="sasid", how="anti", maintain_order="left")
        limit = left.height // 10 if number == 0 else left.height
        units = units.with_columns(over=pl.int_range(pl.len()).over("participant") >= limit)
        over, units = units.filter("over"), units.filter(~pl.col("over"))
        units = units.with_columns(weight=pl.when("frl").then(120).otherwise(100))
        total = units["weight"].sum()
        share = min(Fraction(100_000), Fraction(money * 100, total)) if total else Fraction(0)
        rate = share.numerator // share.denominator
        units = units.with_columns(amount=pl.when("frl").then(rate * 120 // 100).otherwise(rate).cast(pl.Int64))
        outcome = pl.lit("paid" if rate else "unfunded")
        awards.append(units.select("place", pl.col("weight").cast(pl.Int64), "amount", settled=outcome))
        nothing = {"weight": pl.lit(0, pl.Int64), "amount": pl.lit(0, pl.Int64)}
        awards.append(over.select("place", **nothing, settled=pl.lit("over_cap")))
        counted = left.select("place").join(pl.concat([units.select("place"), over.select("place")]), on="place", how="anti")
        awards.append(counted.select("place", **nothing, settled=pl.lit("already_counted")))
        if rate:
            paid = pl.concat([paid, units.select("sasid")])
        money = 0 if total and share < 100_000 else money - (units["amount"].sum() or 0)
    return settle(rows, pl.concat(awards)).with_columns(pl.col("weight", "amount").fill_null(0))


def write(rows, folder):
    listing = rows.with_columns(
        pl.col("tier") + 1, pl.col("weight") / 100, pl.col("amount") / 100, frl=pl.when("frl").then(pl.lit("Y")).otherwise(pl.lit("N"))
    )
    with xlsxwriter.Workbook(folder / "statewide.xlsx") as book:
        payments = listing.group_by("participant", "tier").agg(pl.col("amount").sum()).sort("participant", "tier", nulls_last=True)
        payments.write_excel(book, "Payments")
        listing.select(LISTED).write_excel(book, "Completions", autofilter=False)
    for (sender,), own in listing.group_by("sender", maintain_order=True):
        with xlsxwriter.Workbook(folder / "entities" / f"{sender}.xlsx") as book:
            own.select(LISTED).write_excel(book, "Completions", autofilter=False)


def main():
    batch, out = Path(sys.argv[1]), Path(sys.argv[2])
    (out / "entities").mkdir(parents=True)
    settings = tomllib.loads((batch / "batch.toml").read_text())
    dollars, cents = settings["available"].split(".")
    rows = allocate(decide(read(batch), batch), int(dollars) * 100 + int(cents))
    write(rows, out)
    outcomes = dict(sorted(rows["outcome"].value_counts().iter_rows()))
    print(json.dumps({"outcomes": outcomes, "paid": rows["amount"].sum()}))


main()
