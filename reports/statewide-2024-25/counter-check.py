"""Counter-check: calculates the award of this report again, without cdip.

    python3 counter-check.py [REPORT FOLDER]

It ends with AGREES and exit status 0, or names the first difference and ends with 1. It needs
Python 3.8 and nothing else. Money is whole cents and rates are exact fractions: nothing is rounded
but where a step says so. The steps have the numbers of the calculation's specification.

Taken as decided: what each row of completions.csv says, which rows took part in the allocation
(outcome paid, unfunded, over_cap or already_counted), and which rows the receipt says that
decisions set aside. Whether that is right only the submissions can say: `cdip verify --batch`
compares with them. Names and vendor numbers are not checked, and workbooks are not read.
"""

import csv
import hashlib
import json
import sys
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

CERTIFICATES = ("paid", "unfunded", "over_cap", "already_counted")
INSTITUTE = "8001"
FILES_READ = ("allocation.json", "completions.csv", "awards.csv")


class Difference(Exception):
    """The report says something else than what is calculated here."""


def compare(what, reported, calculated):
    if reported != calculated:
        raise Difference(f"{what}: the report says {reported}; calculated again it is {calculated}")


def cents(text):
    """Dollars as written, such as 1000.00, in cents."""
    exact = Fraction(text) * 100
    compare(f"cents of {text}", exact.denominator, 1)
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


def read_csv(path):
    """The records of a csv file. An apostrophe that keeps a spreadsheet from calculating goes."""
    with open(path, encoding="utf-8", newline="") as file:
        for record in csv.DictReader(file, strict=True):
            guarded = [key for key, text in record.items() if text[:1] == "'" and text[1:2] in
                       tuple("=+-@\t\r")]
            yield {**record, **{key: record[key][1:] for key in guarded}}


def read_rows(path, report):
    """Rows as they are recorded, with what is calculated here under new names."""
    tier_of = {category: str(tier["number"]) for tier in report["parameters"]["tier"]
               for category in tier["categories"]}
    for order, row in enumerate(read_csv(path)):
        row["order"] = order  # by file, sheet and row
        row["place"] = "{source_file} {source_sheet} row {source_row}".format(**row)
        row["multiplier"] = Fraction(1)
        if row["frl"] == "Y":
            row["multiplier"] = Fraction(report["parameters"]["amount"]["frl_multiplier"])
        row["is_certificate"] = row["outcome"] in CERTIFICATES
        row["ends"], row["gets"] = "" if row["is_certificate"] else row["outcome"], 0
        compare(f"{row['place']}: tier", row["tier"], tier_of.get(row["category"], ""))
        yield row


def weight(rows):
    return sum((row["multiplier"] for row in rows), Fraction(0))


def nearest(exact):
    """Halves are rounded up."""
    return floor(exact + Fraction(1, 2))


def units_of(certificates, reading, rows):
    """3.1: which certificates, in standing order, are units."""
    counted = {row["sasid"] for row in rows if row["ends"] == "paid" and reading == "pupil"}
    units = []
    for row in certificates:
        if reading == "completion" or row["sasid"] not in counted:
            units.append(row)
        counted.add(row["sasid"])
    return units


def cap_of(tier, certificates, rows, readings, set_aside):
    """3.2: the base and the limit of the tier's cap; none where it has none."""
    if tier["cap_share"] is None:
        return None, None
    base = len(certificates)
    if readings["cap_base"] == "reported":
        base = sum(row["category"] in tier["categories"] and "E" not in row["codes"] and
                   (row["source_file"], row["source_sheet"], row["source_row"]) not in set_aside
                   for row in rows)
    rounded = {"floor": floor, "ceiling": ceil, "nearest": nearest}[readings["cap_rounding"]]
    return base, rounded(Fraction(tier["cap_share"]) * base)


def within_cap(units, limit, selection):
    """3.2: which of one participant's units, in standing order, the cap keeps."""
    if len(units) <= limit or selection == "earliest":
        return units[:limit]
    frl = [row for row in units if row["frl"] == "Y"]
    others = [row for row in units if row["frl"] != "Y"]
    quota = limit
    if selection == "proportional":
        quota = nearest(Fraction(limit * len(frl), len(units)))
    # Neither group leaves a place empty that the other can fill.
    quota = min(max(quota, limit - len(others)), limit, len(frl))
    return frl[:quota] + others[: limit - quota]


def spread(total, exact_parts):
    """3.4: parts floored; missing cents go one each to the largest fractions, then the first."""
    parts = [floor(part) for part in exact_parts]
    by_fraction = sorted(range(len(parts)), key=lambda i: parts[i] - exact_parts[i])
    for i in by_fraction[: total - sum(parts)]:
        parts[i] += 1
    return parts


def spread_over(units, rate):
    """3.4 under largest_remainder: over participants first, then over the rows of each."""
    groups = list(group_by(lambda row: row["participant"], units).values())
    totals = spread(floor(rate * weight(units)), [rate * weight(group) for group in groups])
    for group, total in zip(groups, totals):
        group.sort(key=lambda row: (row["sasid"], row["program_code"], row["order"]))
        for row, share in zip(group, spread(total, [rate * row["multiplier"] for row in group])):
            row["gets"] = share


def count(rows):
    """The figures of a participant in a tier, or of a whole tier, under the report's names."""
    within = [row for row in rows if row["ends"] in ("paid", "unfunded")]
    return {"units": len(within), "frl_units": sum(row["frl"] == "Y" for row in within),
            "over_cap": sum(row["ends"] == "over_cap" for row in rows),
            "amount": dollars(sum(row["gets"] for row in rows))}


def fund(tier, money, rows, report, kinds, set_aside):
    """3.1 to 3.5: says what becomes of each certificate of a tier; gives the tier's figures."""
    readings, amount = report["readings"], report["parameters"]["amount"]
    certificates = [row for row in rows if row["is_certificate"] and
                    row["category"] in tier["categories"]]
    certificates.sort(key=lambda row: (row["completion_date"], row["sasid"], row["program_code"],
                                       row["participant"], row["order"]))
    units = units_of(certificates, readings["unit"], rows)
    base, limit = cap_of(tier, certificates, rows, readings, set_aside)
    within = []
    for participant, group in group_by(lambda row: row["participant"], units).items():
        if limit is not None and kinds.get(participant) in readings["cap_applies_to"]:
            group = within_cap(group, limit, readings["cap_selection"])
        within.extend(group)
    kept = {row["order"] for row in within}
    over = [row for row in units if row["order"] not in kept]

    per_unit = cents(amount["per_unit"])  # 3.3
    carried = weight(over) if readings["cap_money"] == "to_next_tier" else Fraction(0)
    demand = weight(within) + carried
    exact_rate = min(Fraction(per_unit), money / demand) if demand else Fraction(per_unit)
    prorated = bool(within) and exact_rate < per_unit
    rate = floor(exact_rate) if within else 0
    frl_rate = floor(rate * Fraction(amount["frl_multiplier"]))

    for row in certificates:
        row["ends"] = "already_counted"
    for row in over:
        row["ends"] = "over_cap"
    for row in within:
        row["gets"] = frl_rate if row["frl"] == "Y" else rate
    if prorated and readings["rounding"] == "largest_remainder":
        spread_over(within, exact_rate)
    for row in within:
        row["ends"] = "paid" if row["gets"] else "unfunded"

    paid = sum(row["gets"] for row in within)  # 3.5
    after = floor(exact_rate * carried) if prorated else money - paid
    figures = count(certificates)
    return {"certificates": len(certificates), "cap_base": base, "cap_limit": limit,
            "paid": figures.pop("amount"), **figures, "prorated": prorated,
            "rate": dollars(rate), "frl_rate": dollars(frl_rate), "money_before": dollars(money),
            "residual": dollars(money - paid - after), "money_after": dollars(after)}


def supplements(groups, participants, first_tier, pool):
    """4: what each participant gets that requires a completion before graduation."""
    asked = {code: sum(row["gets"] for row in rows if row["category"] in first_tier["categories"])
             for code, rows in groups.items() if participants[code]["requires_completion"]}
    share = min(Fraction(1), Fraction(pool, sum(asked.values()) or 1))
    return {code: floor(amount * share) for code, amount in asked.items()}


def payee_of(one):
    """1: a charter is paid through its district, an institute charter through the institute."""
    kind = "district_charter"
    if one["school_code"] is None:
        kind = "boces" if one["kind"] == "boces" else "district"
    elif one["district_code"] == INSTITUTE:
        kind = "institute_charter"
    compare(f"kind of a participant of {one['district_code']}", one["kind"], kind)
    return one["district_code"]


def compare_tiers(report, rows, kinds, set_aside):
    """Gives the cents that are left after the last tier."""
    money, tiers = cents(report["available"]), report["parameters"]["tier"]
    compare("number of tiers", len(report["tiers"]), len(tiers))
    for tier, reported in zip(tiers, report["tiers"]):
        figures = fund(tier, money, rows, report, kinds, set_aside)
        for key, value in figures.items():
            compare(f"tier {tier['number']}, {key}", reported[key], value)
        money = cents(figures["money_after"])
    return money


def compare_rows(rows, buckets):
    outcomes = group_by(lambda row: row["outcome"], rows)
    counted = {outcome: len(outcomes.get(outcome, [])) for outcome in {*buckets, *outcomes}}
    compare("rows by outcome", buckets, counted)


def compare_results(rows):
    for row in rows:
        is_unit = row["ends"] in ("paid", "unfunded", "over_cap")
        unit_weight = dollars(cents(row["multiplier"])) if is_unit else ""
        calculated = (row["ends"], unit_weight, dollars(row["gets"]))
        compare(f"{row['place']}: outcome, weight and amount",
                (row["outcome"], row["weight"], row["amount"]), calculated)


def compare_participants(report, rows, participants):
    """Gives the lines of awards.csv as they should be."""
    tiers = report["parameters"]["tier"]
    groups = group_by(lambda row: row["participant"], [row for row in rows if row["weight"]])
    compare("participants with units", list(participants), list(groups))
    extra = supplements(groups, participants, tiers[0], cents(report["supplement_available"] or 0))
    awards = []
    for code, of_one in groups.items():
        by_tier = group_by(lambda row: int(row["tier"]), of_one)
        shares = [{"tier": number, **count(of_tier)} for number, of_tier in by_tier.items()]
        supplement = extra.get(code, 0)
        total = sum(row["gets"] for row in of_one) + supplement
        calculated = {"tiers": shares, "supplement": dollars(supplement), "total": dollars(total),
                      "payee": payee_of(participants[code])}
        for key, value in calculated.items():
            compare(f"participant {code}, {key}", participants[code][key], value)
        line = {f"tier_{tier['number']}": "0.00" for tier in tiers}
        line.update({f"tier_{share['tier']}": share["amount"] for share in shares})
        awards.append({"participant": code, **line, **calculated})
    return awards


def compare_payees(folder, report, awards):
    """allocation.json and, in a FINAL report, payments.csv: gives what each payee gets."""
    groups = group_by(lambda award: award["payee"], awards)
    payees = {payee: dollars(sum(cents(award["total"]) for award in of_payee))
              for payee, of_payee in groups.items()}
    compare("payees", {one["code"]: one["total"] for one in report["payees"]}, payees)
    if report["standing"] == "FINAL":
        lines = list(read_csv(folder / "payments.csv"))
        paid = {line["payee"]: line["amount"] for line in lines}
        compare("payments.csv, lines", len(lines), len(payees))
        compare("payments.csv", paid, payees)
    return payees


def compare_awards(path, awards):
    lines = list(read_csv(path))
    compare("awards.csv, lines", len(lines), len(awards))
    for line, award in zip(lines, awards):
        for key in sorted(line.keys() & award.keys()):
            what = f"awards.csv, participant {award['participant']}, {key}"
            compare(what, line[key], award[key])


def compare_receipt(folder, receipt, report, rows):
    """The receipt's totals, its checksum of the rows, and the hashes of the files read here."""
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
    """Everything calculated against everything the report says."""
    report = json.loads((folder / "allocation.json").read_text(encoding="utf-8"))
    receipt = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
    participants = {"-".join(filter(None, (one["district_code"], one["school_code"]))): one
                    for one in report["participants"]}
    kinds = {code: one["kind"] for code, one in participants.items()}
    set_aside = {(row["file"], row["sheet"], str(row["row"]))
                 for line in receipt["predicate"]["resolutions"]
                 if line["found"] and line.get("set_aside") for row in line["rows"]}
    rows = list(read_rows(folder / "completions.csv", report))
    compare_rows(rows, report["buckets"])
    unspent = compare_tiers(report, rows, kinds, set_aside)
    compare_results(rows)
    awards = compare_participants(report, rows, participants)
    payees = compare_payees(folder, report, awards)
    compare_awards(folder / "awards.csv", awards)
    paid = sum(row["gets"] for row in rows)
    supplement = sum(cents(total) for total in payees.values()) - paid
    for key, amount in (("paid", paid), ("supplement", supplement), ("unspent", unspent)):
        compare(key, report[key], dollars(amount))
    compare_receipt(folder, receipt, report, rows)
    return (f"AGREES: {len(rows)} rows, {len(awards)} participants, {len(payees)} payees; "
            f"paid {dollars(paid)}, supplement {dollars(supplement)}")


if __name__ == "__main__":
    try:
        print(check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
    except Difference as difference:
        sys.exit(f"DIFFERENCE: {difference}")
    except Exception as error:  # whatever is wrong with a file
        sys.exit(f"DIFFERENCE: the report cannot be read: {type(error).__name__}: {error}")
