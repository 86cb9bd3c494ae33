"""A batch for the comparison: 120 workbooks of equal size in the state's own layout, with mistakes at the rates of real years.

It is kinder to the peers than a real batch: one sheet, the headings as asked and in the first row, codes and ids as text, dates as dates.
Everything is invented. The same number of rows gives the same cells.
"""

import csv
import random
import sys
from datetime import date, timedelta
from pathlib import Path

import xlsxwriter

FILES = 120
# The first district sends so many of the files; the cap of a tenth of all certificates binds for it.
FILES_OF_THE_LARGEST = 20
HEADINGS = [
    "District Code", "School Code", "SASID", "Grade", "Program Code", "Completion Date", "Free/Reduced Lunch", "Graduation Credit",
    "AP Exam Score", "School Year", "Program Name",
]
# Code prefix, category, programs of it, share of the rows in percent.
CATEGORIES = [
    ("IC", "industry_credential", 60, 62), ("IN", "internship", 12, 8), ("RE", "residency", 4, 2), ("PA", "pre_apprenticeship", 6, 3),
    ("AA", "apprenticeship", 6, 3), ("AP", "ap_course", 20, 22),
]
# A thousand dollars for about two rows in three: the first tier is paid in full, a later one is prorated.
DOLLARS_PER_ROW = 620
FIRST_DAY = date(2023, 7, 1)


def write(folder: Path, rows: int) -> None:
    chance = random.Random(rows)
    (folder / "submissions").mkdir(parents=True)
    districts = [f"{17 + 20 * number:04}" for number in range(FILES - FILES_OF_THE_LARGEST + 1)]
    (folder / "batch.toml").write_text(
        f'rules = "co-cdip-2024-25"\navailable = "{rows * DOLLARS_PER_ROW}.00"\nrun_date = 2024-09-16\nlabel = "SYNTHETIC: {rows} rows for a comparison"\n'
    )
    with open(folder / "participants.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["District Code", "School Code", "Name", "Kind", "Participating", "Requires Completion For Graduation"])
        for number, district in enumerate(districts):
            out.writerow([district, "", f"District {district}", "district", "N" if number == 40 else "Y", "N"])
            if number % 7 == 0:
                out.writerow([district, "4519", f"Charter of {district}", "district_charter", "Y", "N"])
    programs = [
        (f"{prefix}{100 + number}", f"{category} {number}", category)
        for prefix, category, count, _ in CATEGORIES
        for number in range(count)
    ]
    with open(folder / "qualified-programs.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["Program Code", "Program Name", "Category", "Sector", "Top 10", "First School Year", "Last School Year"])
        for number, (code, name, category) in enumerate(programs):
            out.writerow([code, name, category, "Invented", "N", "", "2021-22" if number % 29 == 28 else ""])
    by_category = [[program for program in programs if program[2] == category] for _, category, _, _ in CATEGORIES]
    shares = [share for *_, share in CATEGORIES]

    paid_before = []
    largest = [districts[0]] * FILES_OF_THE_LARGEST
    earlier = []
    for number, district in enumerate(largest + districts[1:]):
        count = rows // FILES + (number < rows % FILES)
        book = xlsxwriter.Workbook(folder / "submissions" / f"{district} part {number}.xlsx", {"constant_memory": False})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet = book.add_worksheet("Completions")
        sheet.write_row(0, 0, HEADINGS)
        for row in range(count):
            code, name, category = chance.choice(chance.choices(by_category, shares)[0])
            # Four rows in five are a pupil's first.
            sasid = chance.choice(earlier)[0] if earlier and chance.random() < 0.2 else f"{chance.randrange(9_000_000_000, 10_000_000_000)}"
            cells = {
                "district": district, "school": "4519" if chance.random() < 0.1 else f"{chance.randrange(1, 20):04}", "sasid": sasid,
                "grade": chance.choice(["9", "10", "11", "12"]), "code": code, "day": FIRST_DAY + timedelta(chance.randrange(366)),
                "lunch": chance.choice(["Y", "N"]), "credit": "Y" if category == "industry_credential" or chance.random() < 0.5 else "",
                "score": chance.choice(["1", "2", "3", "3", "4", "4", "5", "5"]) if category == "ap_course" else "",
            }
            die = chance.randrange(1000)
            if die < 40:
                cells["day"] -= timedelta(400)
            elif die < 75:
                cells["credit"] = "N"
            elif die < 80:
                cells["code"] = "XX999"
            elif die < 83:
                cells["grade"] = "8"
            elif die < 86:
                cells["grade"] = "Senior"
            elif die < 88:
                cells["sasid"] = sasid[:9]
            elif die < 89:
                cells["district"] = "N/A"
            elif die < 90:
                cells["day"] = "Spring 2024"
            elif die < 91:
                cells["credit"] = "Pending"
            elif die < 92:
                cells["score"] = "16"
            elif die < 102:
                # A ledger with an id that is none would stop the run.
                if len(sasid) == 10:
                    paid_before.append((sasid, code))
            elif die < 115 and earlier:
                # Reported twice: by the same participant, or by two.
                cells["sasid"], cells["code"] = chance.choice(earlier)
            elif die < 116:
                cells["district"] = chance.choice(districts)
            if len(earlier) < 5000:
                earlier.append((cells["sasid"], cells["code"]))
            else:
                earlier[chance.randrange(5000)] = (cells["sasid"], cells["code"])
            texts = [cells["district"], cells["school"], cells["sasid"], cells["grade"], cells["code"]]
            sheet.write_row(row + 1, 0, texts)
            if isinstance(cells["day"], date):
                sheet.write_datetime(row + 1, 5, cells["day"], day)
            else:
                sheet.write_string(row + 1, 5, cells["day"])
            sheet.write_row(row + 1, 6, [cells["lunch"], cells["credit"] or None, cells["score"] or None, "2023-24", name])
        book.close()
    with open(folder / "prior-payments.csv", "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["SASID", "Program Code", "Budget Year"])
        out.writerows((sasid, code, "2022-23") for sasid, code in sorted(set(paid_before)))


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
