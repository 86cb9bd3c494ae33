"""Counter-check: calculates the award of this report again, without cdip.

    python3 counter-check.py [REPORT FOLDER]

It ends with AGREES and status 0, or names the first difference and ends with 1. It needs Python 3.8
and nothing else. Money is whole cents, and rates are exact fractions: nothing is rounded but where
a step says so. The steps have the numbers of the calculation's specification.

Taken as decided: what each row of completions.csv says, which rows took part in the allocation
(paid, unfunded, over_cap or already_counted), and which rows the receipt says that decisions set
aside. Only the submissions can say whether that is right: `cdip verify --batch` compares with them.
Names and vendor numbers are not checked, and workbooks are not read.
"""
import csv
import hashlib
import json
import sys
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

CERTIFICATES = ("paid", "unfunded", "over_cap", "already_counted")
GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")
STANDING_ORDER = ("completion_date", "sasid", "program_code", "participant", "order")


def compare(what, reported, calculated):
    if reported != calculated:
        sys.exit(f"DIFFERENCE: {what}: the report says {reported}; calculated again it is "
                 f"{calculated}")


def cents(text):
    exact = Fraction(text) * 100
    compare(f"cents of {text}", exact.denominator, 1)
    return int(exact)


def dollars(amount):
    return f"{amount // 100}.{amount % 100:02}"


def group_by(key, items):
    """The items in lists by what they have under a key, in its ascending order."""
    groups = {value: [] for value in sorted({item[key] for item in items})}
    for item in items:
        groups[item[key]].append(item)
    return groups


def read_csv(path):
    """The records of a file, without an apostrophe that keeps a spreadsheet from calculating."""
    with open(path, encoding="utf-8", newline="") as file:
        return [{key: text[1:] if text.startswith(GUARDED) else text
                 for key, text in record.items()} for record in csv.DictReader(file, strict=True)]


def read_rows(path, report):
    """2: the rows as decided. How a row `ends` and what it `gets` is calculated here."""
    parameters = report["parameters"]
    tier_of = {category: str(tier["number"]) for tier in parameters["tier"]
               for category in tier["categories"]}
    counted = dict.fromkeys(report["buckets"], 0)
    rows = read_csv(path)
    for order, row in enumerate(rows):
        row["order"] = order  # by file, sheet and row
        row["place"] = "{source_file} {source_sheet} row {source_row}".format(**row)
        row["weighs"] = Fraction(parameters["amount"]["frl_multiplier"] if row["frl"] == "Y" else 1)
        row["ends"], row["gets"] = "" if row["outcome"] in CERTIFICATES else row["outcome"], 0
        counted[row["outcome"]] = counted.get(row["outcome"], 0) + 1
        compare(f"{row['place']}: tier", row["tier"], tier_of.get(row["category"], ""))
    compare("rows by outcome", report["buckets"], counted)
    return rows


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
    """3.2: base and limit of the tier's cap; none where it has none."""
    if tier["cap_share"] is None:
        return None, None
    base = len(certificates)
    if readings["cap_base"] == "reported":
        base = sum(row["category"] in tier["categories"] and "E" not in row["codes"] and
                   (row["source_file"], row["source_sheet"], row["source_row"]) not in set_aside
                   for row in rows)
    exact = Fraction(tier["cap_share"]) * base
    nearest = floor(exact + Fraction(1, 2))  # halves up
    rounded = {"floor": floor(exact), "ceiling": ceil(exact), "nearest": nearest}
    return base, rounded[readings["cap_rounding"]]


def within_cap(units, limit, selection):
    """3.2: which of one participant's units, in standing order, the cap keeps."""
    if len(units) <= limit or selection == "earliest":
        return units[:limit]
    frl = [row for row in units if row["frl"] == "Y"]
    others = [row for row in units if row["frl"] != "Y"]
    quota = min(limit, len(frl))
    if selection == "proportional":  # halves up; there are enough of both groups
        quota = (2 * limit * len(frl) + len(units)) // (2 * len(units))
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
    groups = list(group_by("participant", units).values())
    exact = [rate * sum(row["weighs"] for row in group) for group in groups]
    for group, total in zip(groups, spread(floor(sum(exact)), exact)):
        group.sort(key=lambda row: (row["sasid"], row["program_code"], row["order"]))
        for row, share in zip(group, spread(total, [rate * row["weighs"] for row in group])):
            row["gets"] = share


def figures_of(rows):
    """The figures of a participant in a tier, or of a whole tier, under the report's names."""
    within = [row for row in rows if row["ends"] in ("paid", "unfunded")]
    return {"units": len(within), "frl_units": sum(row["frl"] == "Y" for row in within),
            "over_cap": sum(row["ends"] == "over_cap" for row in rows),
            "amount": dollars(sum(row["gets"] for row in rows))}


def fund(tier, money, rows, report, set_aside):
    """3.1 to 3.5: says what becomes of each certificate of a tier; gives the tier's figures."""
    readings, amount = report["readings"], report["parameters"]["amount"]
    kinds = {code_of(one): one["kind"] for one in report["participants"]}
    certificates = [row for row in rows if row["outcome"] in CERTIFICATES and
                    row["category"] in tier["categories"]]
    certificates.sort(key=lambda row: [row[key] for key in STANDING_ORDER])
    units = units_of(certificates, readings["unit"], rows)
    base, limit = cap_of(tier, certificates, rows, readings, set_aside)
    for row in certificates:
        row["ends"] = "already_counted"
    for row in units:
        row["ends"] = "over_cap"
    within = []
    for participant, group in group_by("participant", units).items():
        if limit is not None and kinds.get(participant) in readings["cap_applies_to"]:
            group = within_cap(group, limit, readings["cap_selection"])
        within.extend(group)

    per_unit = cents(amount["per_unit"])  # 3.3
    carried = Fraction(0)
    if readings["cap_money"] == "to_next_tier":
        carried = sum(row["weighs"] for row in units) - sum(row["weighs"] for row in within)
    demand = sum(row["weighs"] for row in within) + carried
    exact_rate = min(Fraction(per_unit), money / demand) if demand else Fraction(per_unit)
    prorated = bool(within) and exact_rate < per_unit
    rate = floor(exact_rate) if within else 0
    frl_rate = floor(rate * Fraction(amount["frl_multiplier"]))
    for row in within:
        row["gets"] = frl_rate if row["frl"] == "Y" else rate
    if prorated and readings["rounding"] == "largest_remainder":
        spread_over(within, exact_rate)
    for row in within:
        row["ends"] = "paid" if row["gets"] else "unfunded"

    figures = figures_of(certificates)  # 3.5
    paid = figures.pop("amount")
    after = floor(exact_rate * carried) if prorated else money - cents(paid)
    return {"certificates": len(certificates), "cap_base": base, "cap_limit": limit, **figures,
            "rate": dollars(rate), "frl_rate": dollars(frl_rate), "prorated": prorated,
            "paid": paid, "residual": dollars(money - cents(paid) - after),
            "money_before": dollars(money), "money_after": dollars(after)}


def compare_tiers(report, rows, set_aside):
    """Tier after tier; gives the cents that are left after the last."""
    money, tiers = cents(report["available"]), report["parameters"]["tier"]
    compare("number of tiers", len(report["tiers"]), len(tiers))
    for tier, reported in zip(tiers, report["tiers"]):
        figures = fund(tier, money, rows, report, set_aside)
        for key, value in figures.items():
            compare(f"tier {tier['number']}, {key}", reported[key], value)
        money = cents(figures["money_after"])
    return money


def compare_rows(rows):
    for row in rows:
        is_unit = row["ends"] in ("paid", "unfunded", "over_cap")
        weight = dollars(cents(row["weighs"])) if is_unit else ""
        compare(f"{row['place']}: outcome, weight and amount",
                (row["outcome"], row["weight"], row["amount"]),
                (row["ends"], weight, dollars(row["gets"])))


def supplements(groups, participants, first_tier, pool):
    """4: what each participant gets that requires a completion before graduation."""
    asked = {code: sum(row["gets"] for row in rows if row["category"] in first_tier["categories"])
             for code, rows in groups.items() if participants[code]["requires_completion"]}
    share = min(Fraction(1), Fraction(pool, sum(asked.values()) or 1))
    return {code: floor(amount * share) for code, amount in asked.items()}


def code_of(participant):
    return "-".join(filter(None, (participant["district_code"], participant["school_code"])))


def payee_of(participant):
    """1: a charter is paid through its district, one of the institute (8001) through it."""
    kind = "boces" if participant["kind"] == "boces" else "district"
    if participant["school_code"] is not None:
        is_of_institute = participant["district_code"] == "8001"
        kind = "institute_charter" if is_of_institute else "district_charter"
    compare(f"kind of {code_of(participant)}", participant["kind"], kind)
    return participant["district_code"]


def compare_participants(report, rows):
    """Gives the lines of awards.csv as they should be."""
    tiers, awards = report["parameters"]["tier"], []
    participants = {code_of(one): one for one in report["participants"]}
    groups = group_by("participant", [row for row in rows if row["weight"]])
    compare("participants with units", list(participants), list(groups))
    extra = supplements(groups, participants, tiers[0], cents(report["supplement_available"] or 0))
    for code, of_one in groups.items():
        by_tier = {number: figures_of([row for row in of_one if row["tier"] == str(number)])
                   for number in (tier["number"] for tier in tiers)}
        shares = [{"tier": number, **figures} for number, figures in by_tier.items()
                  if figures["units"] or figures["over_cap"]]
        total = sum(row["gets"] for row in of_one) + extra.get(code, 0)
        calculated = {"supplement": dollars(extra.get(code, 0)), "total": dollars(total),
                      "payee": payee_of(participants[code])}
        for key, value in [("tiers", shares), *calculated.items()]:
            compare(f"participant {code}, {key}", participants[code][key], value)
        amounts = {f"tier_{number}": figures["amount"] for number, figures in by_tier.items()}
        awards.append({"participant": code, **amounts, **calculated})
    return awards


def compare_lines(path, expected):
    lines = read_csv(path)
    compare(f"{path.name}, lines", len(lines), len(expected))
    for line, one in zip(lines, expected):
        of_whom = " ".join(list(one.items())[0])
        for key, value in one.items():
            compare(f"{path.name}, {of_whom}, {key}", line.get(key), value)


def compare_payees(folder, report, awards):
    """Also awards.csv and, in a FINAL report, payments.csv; gives what each payee gets."""
    compare_lines(folder / "awards.csv", awards)
    payees = {payee: dollars(sum(cents(award["total"]) for award in of_payee))
              for payee, of_payee in group_by("payee", awards).items()}
    compare("payees", {one["code"]: one["total"] for one in report["payees"]}, payees)
    if report["standing"] == "FINAL":
        payments = [{"payee": payee, "amount": amount} for payee, amount in payees.items()]
        compare_lines(folder / "payments.csv", payments)
    return payees


def compare_receipt(folder, receipt, report, rows):
    """The receipt's totals, its checksum of the rows, and the hashes of the files read here."""
    stated = receipt["predicate"]
    compare("receipt, rows", stated["rows"], len(rows))
    for key in ("standing", "buckets", "available", "paid", "supplement", "unspent"):
        compare(f"receipt, {key}", stated[key], report[key])
    lines = sorted((folder / "completions.csv").read_bytes().split(b"\n")[1:-1])
    content = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    compare("receipt, content", stated["content"]["sha256"], content)
    hashes = {subject["name"]: subject["digest"]["sha256"] for subject in receipt["subject"]}
    for name in ("allocation.json", "completions.csv", "awards.csv"):
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        compare(f"receipt, {name}", hashes.get(name), found)


def check(folder):
    """Everything calculated against everything the report says."""
    report, receipt = (json.loads((folder / name).read_text(encoding="utf-8"))
                       for name in ("allocation.json", "receipt.json"))
    set_aside = {(row["file"], row["sheet"], str(row["row"]))
                 for line in receipt["predicate"]["resolutions"]
                 if line["found"] and line.get("set_aside") for row in line["rows"]}
    rows = read_rows(folder / "completions.csv", report)
    unspent = compare_tiers(report, rows, set_aside)
    compare_rows(rows)
    awards = compare_participants(report, rows)
    payees = compare_payees(folder, report, awards)
    paid = sum(row["gets"] for row in rows)
    supplement = sum(map(cents, payees.values())) - paid
    for key, amount in (("paid", paid), ("supplement", supplement), ("unspent", unspent)):
        compare(key, report[key], dollars(amount))
    compare_receipt(folder, receipt, report, rows)
    return (f"AGREES: {len(rows)} rows, {len(awards)} participants, {len(payees)} payees; "
            f"paid {dollars(paid)}, supplement {dollars(supplement)}")


if __name__ == "__main__":
    try:
        print(check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
    except Exception as error:  # whatever is wrong with a file
        sys.exit(f"DIFFERENCE: the report cannot be read: {type(error).__name__}: {error}")
