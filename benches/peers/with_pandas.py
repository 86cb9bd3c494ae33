"""The job in pandas and openpyxl: what a state would write today.

Reads every submission, decides every row (calculation.md, section 2), allocates by the default readings (section 3), writes a state workbook with all
rows and one workbook per reporting entity, and prints the totals. Of this program's outputs only these: no findings in words, no csv, no marked-up
returns, no formulas, no receipt.
"""

import json
import sys
import tomllib
from fractions import Fraction
from pathlib import Path

import pandas as pd

TIERS = [["industry_credential"], ["internship", "residency", "pre_apprenticeship", "apprenticeship"], ["ap_course"]]
COLUMNS = ["district", "school", "sasid", "grade", "program", "date", "frl", "credit", "score"]
HEADINGS = [
    "District Code", "School Code", "SASID", "Grade", "Program Code", "Completion Date", "Free/Reduced Lunch", "Graduation Credit",
    "AP Exam Score",
]
LISTED = ["file", "sheet", "row", "district", "school", "sasid", "program", "category", "tier", "date", "grade", "frl", "participant",
          "outcome", "codes", "weight", "amount"]
YES = {"Y", "YES", "TRUE", "T", "1"}
NO = {"N", "NO", "FALSE", "0", ""}


def read(folder):
    frames = []
    for path in sorted((folder / "submissions").glob("*.xlsx")):
        frame = pd.read_excel(path, sheet_name="Completions", dtype=object, keep_default_na=False, engine="openpyxl")[HEADINGS]
        frame.columns = COLUMNS
        frame["file"], frame["sheet"], frame["row"], frame["sender"] = f"submissions/{path.name}", "Completions", range(2, len(frame) + 2), path.name[:4]
        frames.append(frame)
    rows = pd.concat(frames, ignore_index=True)
    for column in COLUMNS:
        if column != "date":
            rows[column] = rows[column].fillna("").astype(str).str.strip()
    rows["program"] = rows["program"].str.upper()
    rows["date"] = pd.to_datetime(rows["date"], errors="coerce")
    rows["district"], rows["school"] = rows["district"].str.zfill(4), rows["school"].str.zfill(4)
    return rows


def decide(rows, folder):
    programs = pd.read_csv(folder / "qualified-programs.csv", dtype=str, keep_default_na=False)
    listed = programs[(programs["Last School Year"] == "") | (programs["Last School Year"] >= "2023-24")]
    participants = pd.read_csv(folder / "participants.csv", dtype=str, keep_default_na=False)
    participating = dict(zip(zip(participants["District Code"], participants["School Code"]), participants["Participating"] == "Y"))
    prior = pd.read_csv(folder / "prior-payments.csv", dtype=str)
    rows["category"] = rows["program"].map(dict(zip(listed["Program Code"], listed["Category"])))
    rows["tier"] = rows["category"].map({category: number for number, tier in enumerate(TIERS) for category in tier})
    own = pd.Series(zip(rows["district"], rows["school"]))
    rows["participant"] = [place if place in participating else (place[0], "") if (place[0], "") in participating else None for place in own]

    lunch, credit = rows["frl"].str.upper(), rows["credit"].str.upper()
    rows["frl"] = lunch.isin(YES | {"FREE", "REDUCED"})
    grade = pd.to_numeric(rows["grade"].replace("Senior", "12").str.removesuffix("th"), errors="coerce")
    errors = {
        "E201": ~rows["district"].str.fullmatch(r"\d{4}"),
        "E202": ~rows["school"].str.fullmatch(r"\d{4}"),
        "E203": ~rows["sasid"].str.fullmatch(r"\d{10}"),
        "E204": ~grade.between(0, 12),
        "E205": rows["program"] == "",
        "E206": rows["date"].isna(),
        "E208": ~lunch.isin(YES | NO | {"FREE", "REDUCED", "PAID"}),
        "E209": ~rows["score"].isin(["", "1", "2", "3", "4", "5"]),
        "E210": ~credit.isin(YES | NO | {"F"}),
    }
    score = pd.to_numeric(rows["score"], errors="coerce")
    paid_before = set(zip(prior["SASID"], prior["Program Code"]))
    refusals = {
        "N301": rows["category"].isna(),
        "N302": ~grade.between(9, 12),
        "N303": ~rows["date"].between("2023-07-01", "2024-06-30"),
        "N304": pd.Series([place is None or not participating[place] for place in rows["participant"]]),
        "N305": (rows["category"] == "industry_credential") & ~credit.isin(YES),
        "N306": (rows["category"] == "ap_course") & ~(score >= 3),
        "N309": pd.Series([key in paid_before for key in zip(rows["sasid"], rows["program"])]),
    }
    bad, refused = pd.DataFrame(errors), pd.DataFrame(refusals)
    rows["codes"] = ""
    for codes, allowed in ((bad, True), (refused, ~bad.any(axis=1))):
        for code in codes:
            rows.loc[codes[code] & allowed, "codes"] += code + " "
    rows["outcome"] = None
    rows.loc[refused.any(axis=1), "outcome"] = "not_qualified"
    rows.loc[bad.any(axis=1), "outcome"] = "rejected"
    rows.loc[rows["outcome"].isna() & (rows["sender"] != rows["district"]), "outcome"] = "held"

    left = rows[rows["outcome"].isna()]
    claims = left.groupby(["sasid", "program"])["participant"].transform("nunique")
    rows.loc[left.index[claims > 1], "outcome"] = "held"
    left = left[claims == 1].sort_values(["date", "participant", "file", "row"], kind="stable")
    rows.loc[left.index[left.duplicated(["sasid", "program"])], "outcome"] = "duplicate"


def allocate(rows, money):
    rows["weight"], rows["amount"] = 0, 0
    paid = set()
    for number in range(len(TIERS)):
        order = ["date", "sasid", "program", "participant", "file", "row"]
        left = rows[rows["outcome"].isna() & (rows["tier"] == number)].sort_values(order, kind="stable")
        counted = left["sasid"].isin(paid) | left.duplicated("sasid")
        rows.loc[left.index[counted], "outcome"] = "already_counted"
        units = left[~counted]
        if number == 0:
            capped = units.groupby("participant").cumcount() >= len(left) // 10
            rows.loc[units.index[capped], "outcome"] = "over_cap"
            units = units[~capped]
        weight = units["frl"].map({True: 120, False: 100})
        total = int(weight.sum())
        share = min(Fraction(100_000), Fraction(money * 100, total)) if total else Fraction(0)
        rate = share.numerator // share.denominator
        rows.loc[units.index, "weight"] = weight
        rows.loc[units.index, "amount"] = units["frl"].map({True: rate * 120 // 100, False: rate})
        rows.loc[units.index, "outcome"] = "paid" if rate else "unfunded"
        if rate:
            paid.update(units["sasid"])
        prorated = bool(total) and share < 100_000
        money = 0 if prorated else money - int(rows.loc[units.index, "amount"].sum())


def write(rows, folder):
    listing = rows[LISTED].copy()
    listing["participant"] = [None if place is None else "-".join(place).removesuffix("-") for place in rows["participant"]]
    listing["tier"], listing["frl"] = rows["tier"] + 1, rows["frl"].map({True: "Y", False: "N"})
    listing["weight"], listing["amount"] = rows["weight"] / 100, rows["amount"] / 100
    paid = rows.assign(code=listing["participant"]).groupby(["code", "tier"])["amount"].sum().unstack(fill_value=0) / 100
    with pd.ExcelWriter(folder / "statewide.xlsx", engine="openpyxl") as book:
        paid.to_excel(book, sheet_name="Payments")
        listing.to_excel(book, sheet_name="Completions", index=False)
    for sender, own in listing.groupby(rows["sender"]):
        with pd.ExcelWriter(folder / "entities" / f"{sender}.xlsx", engine="openpyxl") as book:
            own.to_excel(book, sheet_name="Completions", index=False)


def main():
    batch, out = Path(sys.argv[1]), Path(sys.argv[2])
    (out / "entities").mkdir(parents=True)
    settings = tomllib.loads((batch / "batch.toml").read_text())
    rows = read(batch)
    decide(rows, batch)
    dollars, cents = settings["available"].split(".")
    allocate(rows, int(dollars) * 100 + int(cents))
    write(rows, out)
    outcomes = rows["outcome"].value_counts()
    print(json.dumps({"outcomes": {name: int(count) for name, count in sorted(outcomes.items())}, "paid": int(rows["amount"].sum())}))


main()
