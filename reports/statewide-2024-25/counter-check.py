"""Counter-check: calculates the award of this report again, without cdip.

    python3 counter-check.py [REPORT FOLDER]

It ends with AGREES and exit status 0, or names the first difference and ends with 1. It needs
Python 3.8 and nothing else. Money is whole cents and rates are exact fractions: nothing is rounded
but where a step says so. The steps have the numbers of the calculation's specification.

Taken as decided: what each row of completions.csv says, which codes it has, and which rows took
part in the allocation (outcome paid, unfunded, over_cap or already_counted). Whether that is right
only the submissions can say: `cdip verify --batch` compares with them. Workbooks are not read.
"""

import csv
import hashlib
import json
import sys
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

CERTIFICATES = ("paid", "unfunded", "over_cap", "already_counted")
CHARTER_SCHOOL_INSTITUTE = "8001"
FILES_READ = ("allocation.json", "completions.csv", "awards.csv")


class Difference(Exception):
    """The report says something else than what is calculated here."""


def compare(what, reported, calculated):
    if reported != calculated:
        raise Difference(f"{what}: the report says {reported}; calculated again it is {calculated}")


def cents(text):
    """Dollars as written, such as 1000.00, in cents."""
    exact = Fraction(text) * 100
    if exact.denominator != 1:
        raise Difference(f"{text} is not a whole number of cents")
    return int(exact)


def dollars(amount):
    """Cents as dollars are written."""
    return f"{amount // 100}.{amount % 100:02}"


def group_by(key, items):
    """The items in lists by key, in ascending order of the keys."""
    groups = {}
    for item in items:
        groups.setdefault(key(item), []).append(item)
    return dict(sorted(groups.items()))


# The files of the report


def read_json(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def read_csv(path):
    """The records of a csv file. An apostrophe that keeps a spreadsheet from calculating goes."""
    with open(path, encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file, strict=True))
    for record in records:
        for heading, text in record.items():
            if len(text) > 1 and text[0] == "'" and text[1] in "=+-@\t\r":
                record[heading] = text[1:]
    return records


class Row:
    """A row of completions.csv: what it says, and below it what is calculated here."""

    def __init__(self, order, record, rules):
        self.order = order  # by file, sheet and row
        self.record = record
        self.place = "{source_file} {source_sheet} row {source_row}".format(**record)
        self.sasid = record["sasid"]
        self.participant = record["participant"]
        self.category = record["category"]
        self.is_certificate = record["outcome"] in CERTIFICATES
        self.is_frl = record["frl"] == "Y"
        self.multiplier = Fraction(rules["amount"]["frl_multiplier"] if self.is_frl else "1.00")
        self.outcome = "" if self.is_certificate else record["outcome"]
        self.weight = ""
        self.cents = 0

    def becomes(self, outcome, amount=0):
        self.outcome = outcome
        self.weight = "" if outcome == "already_counted" else dollars(cents(self.multiplier))
        self.cents = amount


def read_rows(folder, rules):
    records = read_csv(folder / "completions.csv")
    rows = [Row(order, record, rules) for order, record in enumerate(records)]
    tier_of = {}
    for tier in rules["tier"]:
        for category in tier["categories"]:
            tier_of[category] = str(tier["number"])
    for row in rows:
        compare(f"{row.place}: tier", row.record["tier"], tier_of.get(row.category, ""))
        compare_codes(row)
    return rows


def compare_codes(row):
    """Codes beginning with E: cannot be read; with N: does not qualify; with H: held."""
    kinds = "".join(sorted({code[0] for code in row.record["codes"].split()}))
    calculated = {"rejected": "E", "not_qualified": "N", "held": "H"}.get(row.outcome, kinds)
    if row.is_certificate:
        calculated = kinds.strip("EN")
    compare(f"{row.place}: kinds of codes of a row {row.record['outcome']}", kinds, calculated)


# Step 3.1: units


def units_of(certificates, reading, paid_pupils):
    """Which certificates, in standing order, are units."""
    if reading == "completion":
        return certificates
    counted = set(paid_pupils) if reading == "pupil" else set()
    units = []
    for row in certificates:
        if row.sasid not in counted:
            units.append(row)
        counted.add(row.sasid)
    return units


# Step 3.2: cap


def cap_of(tier, certificates, rows, readings):
    """The base and the limit of the tier's cap; none where it has none."""
    if tier["cap_share"] is None:
        return None, None
    base = len(certificates)
    if readings["cap_base"] == "reported":
        reported = [row for row in rows if row.category in tier["categories"]]
        base = len([row for row in reported if "E" not in row.record["codes"]])
    exact = Fraction(tier["cap_share"]) * base
    rounding = readings["cap_rounding"]
    if rounding == "floor":
        return base, floor(exact)
    return base, ceil(exact) if rounding == "ceiling" else nearest(exact)


def nearest(exact):
    """Halves are rounded up."""
    return floor(exact + Fraction(1, 2))


def within_cap(units, limit, selection):
    """Which of one participant's units, in standing order, the cap keeps."""
    if len(units) <= limit or selection == "earliest":
        return units[:limit]
    frl = [row for row in units if row.is_frl]
    others = [row for row in units if not row.is_frl]
    quota = limit
    if selection == "proportional":
        quota = nearest(Fraction(limit * len(frl), len(units)))
    # Neither group leaves a place empty that the other can fill.
    quota = min(max(quota, limit - len(others)), limit, len(frl))
    return frl[:quota] + others[: limit - quota]


# Step 3.4: amounts under the reading largest_remainder


def spread(total, exact_parts):
    """All parts floored; missing cents go one each to the largest fractions, the first if equal."""
    parts = [floor(part) for part in exact_parts]
    by_fraction = sorted(range(len(parts)), key=lambda i: parts[i] - exact_parts[i])
    for i in by_fraction[: total - sum(parts)]:
        parts[i] += 1
    return parts


def spread_over(units, rate):
    """The tier's money to the cent: first over participants, then over the rows of each."""
    groups = list(group_by(lambda row: row.participant, units).values())
    exact = [rate * weight_of(group) for group in groups]
    amounts = {}
    for group, total in zip(groups, spread(floor(rate * weight_of(units)), exact)):
        group.sort(key=lambda row: (row.sasid, row.record["program_code"], row.order))
        shares = spread(total, [rate * row.multiplier for row in group])
        for row, share in zip(group, shares):
            amounts[row.order] = share
    return amounts


def weight_of(rows):
    return sum((row.multiplier for row in rows), Fraction(0))


# Steps 3.1 to 3.5: a tier


def standing_order(row):
    record = row.record
    return record["completion_date"], row.sasid, record["program_code"], row.participant, row.order


def fund(tier, money, rows, report, kinds):
    """Says what becomes of each certificate of the tier; gives the tier's figures."""
    readings, amount = report["readings"], report["parameters"]["amount"]
    paid_pupils = {row.sasid for row in rows if row.outcome == "paid"}
    certificates = [
        row for row in rows if row.is_certificate and row.category in tier["categories"]
    ]
    certificates.sort(key=standing_order)
    units = units_of(certificates, readings["unit"], paid_pupils)  # 3.1

    base, limit = cap_of(tier, certificates, rows, readings)  # 3.2
    within = []
    for participant, group in group_by(lambda row: row.participant, units).items():
        if limit is not None and kinds.get(participant) in readings["cap_applies_to"]:
            group = within_cap(group, limit, readings["cap_selection"])
        within.extend(group)
    kept = {row.order for row in within}
    over = [row for row in units if row.order not in kept]

    per_unit = cents(amount["per_unit"])  # 3.3
    carried = weight_of(over) if readings["cap_money"] == "to_next_tier" else Fraction(0)
    demand = weight_of(within) + carried
    exact_rate = min(Fraction(per_unit), money / demand) if demand else Fraction(per_unit)
    prorated = bool(within) and exact_rate < per_unit
    rate = floor(exact_rate) if within else 0
    frl_rate = floor(rate * Fraction(amount["frl_multiplier"]))

    amounts = {row.order: frl_rate if row.is_frl else rate for row in within}  # 3.4
    if prorated and readings["rounding"] == "largest_remainder":
        amounts = spread_over(within, exact_rate)
    for row in certificates:
        row.becomes("already_counted")
    for row in over:
        row.becomes("over_cap")
    for row in within:
        row.becomes("paid" if amounts[row.order] > 0 else "unfunded", amounts[row.order])

    paid = sum(amounts.values())  # 3.5
    after = floor(exact_rate * carried) if prorated else money - paid
    counts = count(certificates)
    return {
        "money_before": dollars(money), "certificates": len(certificates),
        "units": counts["units"], "frl_units": counts["frl_units"],
        "cap_base": base, "cap_limit": limit, "over_cap": counts["over_cap"],
        "rate": dollars(rate), "frl_rate": dollars(frl_rate), "paid": counts["amount"],
        "prorated": prorated, "residual": dollars(money - paid - after),
        "money_after": dollars(after),
    }


def count(rows):
    """The figures of a participant in a tier, or of a whole tier, under the report's names."""
    within = [row for row in rows if row.outcome in ("paid", "unfunded")]
    return {
        "units": len(within),
        "frl_units": len([row for row in within if row.is_frl]),
        "over_cap": len([row for row in rows if row.outcome == "over_cap"]),
        "amount": dollars(sum(row.cents for row in rows)),
    }


# Step 4: supplement


def supplements(groups, participants, first_tier, pool):
    """What each participant gets that requires a completion before graduation."""
    asked = {}
    for code, rows in groups.items():
        if participants[code]["requires_completion"]:
            of_tier = [row for row in rows if row.category in first_tier["categories"]]
            asked[code] = sum(row.cents for row in of_tier)
    share = min(Fraction(1), Fraction(pool, sum(asked.values()) or 1))
    return {code: floor(amount * share) for code, amount in asked.items()}


# Section 1: who is paid


def payee_of(participant):
    """A charter is paid through its district, an institute charter through the institute."""
    district, charter = participant["district_code"], participant["school_code"] is not None
    through_institute = district == CHARTER_SCHOOL_INSTITUTE
    kind = participant["kind"]
    fits = {
        "district": not charter,
        "boces": not charter,
        "district_charter": charter and not through_institute,
        "institute_charter": charter and through_institute,
    }
    if not fits.get(kind, False):
        raise Difference(f"participant {code_of(participant)} cannot be a {kind}")
    return district


def code_of(participant):
    parts = [participant["district_code"], participant["school_code"]]
    return "-".join(part for part in parts if part)


# Everything calculated against everything the report says


def compare_tiers(report, rows, kinds):
    """Gives the cents that are left after the last tier."""
    money = cents(report["available"])
    tiers = report["parameters"]["tier"]
    compare("number of tiers", len(report["tiers"]), len(tiers))
    for tier, reported in zip(tiers, report["tiers"]):
        figures = fund(tier, money, rows, report, kinds)
        for key, value in figures.items():
            compare(f"tier {tier['number']}, {key}", reported[key], value)
        money = cents(figures["money_after"])
    return money


def compare_rows(rows, buckets):
    outcomes = group_by(lambda row: row.record["outcome"], rows)
    counted = {outcome: len(outcomes.get(outcome, [])) for outcome in {*buckets, *outcomes}}
    compare("rows by outcome", buckets, counted)


def compare_results(rows):
    for row in rows:
        record = row.record
        reported = (record["outcome"], record["weight"], record["amount"])
        calculated = (row.outcome, row.weight, dollars(row.cents))
        compare(f"{row.place}: outcome, weight and amount", reported, calculated)


def compare_participants(report, rows, participants):
    """Gives, by participant, its amounts by tier, its supplement and its total in cents."""
    tiers = report["parameters"]["tier"]
    units = [row for row in rows if row.weight]  # within the cap or over it
    groups = group_by(lambda row: row.participant, units)
    compare("participants with units", list(participants), list(groups))
    pool = cents(report["supplement_available"] or 0)
    extra = supplements(groups, participants, tiers[0], pool)
    awards = {}
    for code, rows_of in groups.items():
        shares = []
        for number, of_tier in group_by(lambda row: int(row.record["tier"]), rows_of).items():
            shares.append({"tier": number, **count(of_tier)})
        supplement = extra.get(code, 0)
        total = sum(row.cents for row in rows_of) + supplement
        reported = participants[code]
        compare(f"participant {code}, tiers", reported["tiers"], shares)
        compare(f"participant {code}, supplement", reported["supplement"], dollars(supplement))
        compare(f"participant {code}, total", reported["total"], dollars(total))
        compare(f"participant {code}, payee", reported["payee"], payee_of(reported))
        awards[code] = (shares, supplement, total)
    return awards


def compare_payees(report, participants, awards):
    payees = {}
    for code, (_, _, total) in awards.items():
        payee = payee_of(participants[code])
        payees[payee] = payees.get(payee, 0) + total
    reported = {entry["code"]: entry["total"] for entry in report["payees"]}
    compare("payees", reported, {code: dollars(total) for code, total in payees.items()})
    return payees


def compare_awards_file(path, report, participants, awards):
    """A line per participant: what it gets by tier, the supplement and the total."""
    calculated = []
    for code, (shares, supplement, total) in awards.items():
        line = {"payee": payee_of(participants[code]), "participant": code}
        by_tier = {share["tier"]: share["amount"] for share in shares}
        for tier in report["parameters"]["tier"]:
            line[f"tier_{tier['number']}"] = by_tier.get(tier["number"], "0.00")
        line["supplement"], line["total"] = dollars(supplement), dollars(total)
        calculated.append(line)
    reported = read_csv(path)
    compare(f"{path.name}, lines", len(reported), len(calculated))
    for line, expected in zip(reported, calculated):
        for heading, text in expected.items():
            what = f"{path.name}, participant {expected['participant']}, {heading}"
            compare(what, line[heading], text)


def compare_payments_file(path, payees):
    """What the accounting system got, a line per payee; only a FINAL report has it."""
    reported = {line["payee"]: line["amount"] for line in read_csv(path)}
    compare(f"{path.name}, payees", sorted(reported), sorted(payees))
    for code, amount in payees.items():
        compare(f"{path.name}, payee {code}", reported[code], dollars(amount))


def compare_receipt(folder, report, rows):
    """The receipt's totals, its checksum of the rows, and the hashes of the files read here."""
    receipt = read_json(folder / "receipt.json")
    stated = receipt["predicate"]
    compare("receipt, rows", stated["rows"], len(rows))
    for key in ("standing", "buckets", "available", "paid", "supplement", "unspent"):
        compare(f"receipt, {key}", stated[key], report[key])
    lines = (folder / "completions.csv").read_bytes().split(b"\n")[1:-1]
    content = b"".join(line + b"\n" for line in sorted(lines))
    compare("receipt, content", stated["content"]["sha256"], hashlib.sha256(content).hexdigest())
    hashes = {subject["name"]: subject["digest"]["sha256"] for subject in receipt["subject"]}
    for name in FILES_READ:
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        compare(f"receipt, {name}", hashes.get(name), found)


def check(folder):
    report = read_json(folder / "allocation.json")
    participants = {code_of(entry): entry for entry in report["participants"]}
    kinds = {code: entry["kind"] for code, entry in participants.items()}
    rows = read_rows(folder, report["parameters"])
    compare_rows(rows, report["buckets"])
    unspent = compare_tiers(report, rows, kinds)
    compare_results(rows)
    awards = compare_participants(report, rows, participants)
    payees = compare_payees(report, participants, awards)
    paid = sum(row.cents for row in rows)
    supplement = sum(payees.values()) - paid
    for key, amount in (("paid", paid), ("supplement", supplement), ("unspent", unspent)):
        compare(key, report[key], dollars(amount))
    compare_awards_file(folder / "awards.csv", report, participants, awards)
    if report["standing"] == "FINAL":
        compare_payments_file(folder / "payments.csv", payees)
    compare_receipt(folder, report, rows)
    return (
        f"AGREES: {len(rows)} rows, {len(awards)} participants, {len(payees)} payees; "
        f"paid {dollars(paid)}, supplement {dollars(supplement)}"
    )


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    try:
        print(check(folder))
    except Difference as difference:
        sys.exit(f"DIFFERENCE: {difference}")
    except Exception as error:  # whatever is wrong with a file
        sys.exit(f"DIFFERENCE: the report cannot be read: {type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
