"""Counter-check: calculates the award of this report again, without cdip.

    python3 counter-check.py [REPORT FOLDER]

It ends with AGREES and status 0, or names the first difference and ends with 1. It needs Python 3.8
and nothing else. Money is whole cents and rates are exact fractions; only a step that says so
rounds. Begin at the end: `check` calls every step, and `fund` is the heart of the calculation.

A *certificate* is a row that takes part; a *unit* is a certificate that one award is for. `fund`
writes into each row how it `ends` and what it `gets`. It does so tier after tier, and under one
reading a later tier looks at how the earlier ones ended: a pupil is paid once.

Taken as decided: the money, the parameters and the readings; what each row of completions.csv says;
which rows took part (paid, unfunded, over_cap or already_counted), and which the receipt says that
decisions set aside; who is a BOCES, and who requires a completion. Only the batch can say whether
that is right: `cdip verify --batch` compares with it. Names and vendor numbers are taken from
allocation.json. Workbooks, findings.csv, factors.json and prior-payments-next.csv are not read.
"""
import csv
import hashlib
import json
import re
import sys
from collections import Counter
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

UNITS = ("paid", "unfunded", "over_cap")
CERTIFICATES = (*UNITS, "already_counted")
ROUNDING = {"floor": floor, "nearest": lambda exact: floor(exact + Fraction(1, 2)), "ceiling": ceil}


def compare(what, reported, calculated):
    """Whatever was calculated must be in the report: values by name, lists line by line."""
    if isinstance(calculated, dict):
        for key, value in calculated.items():
            compare(f"{what}, {key}", reported.get(key), value)
    elif isinstance(calculated, list):
        compare(f"{what}, lines", len(reported), len(calculated))
        for line, expected in zip(reported, calculated):
            key, value = next(iter(expected.items()))  # a line is named by its first value
            compare(f"{what}, {key} {value}", line, expected)
    elif reported != calculated:
        sys.exit(f"DIFFERENCE: {what}: the report says {reported}; calculated again it is "
                 f"{calculated}")


def cents(text):
    exact = Fraction(text) * 100
    compare(f"cents of {text}", exact.denominator, 1)
    return int(exact)


def dollars(amount):
    return f"{amount // 100}.{amount % 100:02}"


def weight_of(rows):
    return sum(row["weighs"] for row in rows)


def group_by(key, items):
    """The items in lists by what they have under a key, in its ascending order."""
    groups = {}
    for item in sorted(items, key=lambda item: item[key]):
        groups.setdefault(item[key], []).append(item)
    return groups


def read_csv(path):
    """The records of a file, without the apostrophe that cdip puts before = + - @ in a text."""
    with open(path, encoding="utf-8", newline="") as file:
        return [{key: re.sub(r"^'(?=[=+\-@\t\r])", "", text) for key, text in record.items()}
                for record in csv.DictReader(file, strict=True)]


def read_rows(path, parameters, decisions):
    """The rows as decided, each with its tier and its weight."""
    tier_of = {category: tier["number"] for tier in parameters["tier"]
               for category in tier["categories"]}
    set_aside = {f"{row['file']}!{row['sheet']}!{row['row']}" for line in decisions
                 if line["found"] and line.get("set_aside") for row in line["rows"]}
    rows = read_csv(path)  # in the order of files, sheets and rows; every sort below keeps it
    for row in rows:
        row["place"] = f"{row['source_file']}!{row['source_sheet']}!{row['source_row']}"
        row["of_tier"] = tier_of.get(row["category"], "")
        is_unread = "E" in row["codes"]  # E201 and the like
        row["is_reported"] = not is_unread and row["place"] not in set_aside
        row["weighs"] = Fraction(parameters["amount"]["frl_multiplier"] if row["frl"] == "Y" else 1)
        row["ends"], row["gets"] = "" if row["outcome"] in CERTIFICATES else row["outcome"], 0
    return rows


def units_of(certificates, rows, reading):
    """Which certificates, in standing order, are units: over the cap until it keeps them."""
    counted = {row["sasid"] for row in rows if row["ends"] == "paid" and reading == "pupil"}
    for row in certificates:
        is_unit = reading == "completion" or row["sasid"] not in counted
        row["ends"] = "over_cap" if is_unit else "already_counted"
        counted.add(row["sasid"])
    return [row for row in certificates if row["ends"] == "over_cap"]


def cap_of(tier, certificates, rows, readings):
    """Base and limit of the tier's cap; none where it has none."""
    if tier["cap_share"] is None:
        return None, None
    base = len(certificates)
    if readings["cap_base"] == "reported":
        base = sum(row["of_tier"] == tier["number"] and row["is_reported"] for row in rows)
    return base, ROUNDING[readings["cap_rounding"]](Fraction(tier["cap_share"]) * base)


def within_cap(units, limit, selection):
    """Which of one participant's units, in standing order, the cap keeps."""
    if limit is None or len(units) <= limit or selection == "earliest":
        return units[:limit]
    frl = [row for row in units if row["frl"] == "Y"]
    others = [row for row in units if row["frl"] != "Y"]
    quota = min(limit, len(frl))  # frl_first
    if selection == "proportional":
        quota = ROUNDING["nearest"](Fraction(limit * len(frl), len(units)))
    return frl[:quota] + others[:limit - quota]


def split(total, exact):
    """Parts rounded down; missing cents go one each to the largest fractions, then the first."""
    parts = [floor(part) for part in exact]
    for i in sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])[:total - sum(parts)]:
        parts[i] += 1
    return parts


def spread(rate, units):
    """The reading largest_remainder: among the participants first, then among each one's units."""
    groups = list(group_by("participant", units).values())
    totals = split(floor(rate * weight_of(units)), [rate * weight_of(group) for group in groups])
    for total, group in zip(totals, groups):
        group.sort(key=lambda row: (row["sasid"], row["program_code"]))
        for row, part in zip(group, split(total, [rate * row["weighs"] for row in group])):
            row["gets"] = part


def figures_of(rows):
    """The figures of a tier, or of a participant in it, under the report's names."""
    within = [row for row in rows if row["ends"] in ("paid", "unfunded")]
    return {"units": len(within), "frl_units": sum(row["frl"] == "Y" for row in within),
            "over_cap": sum(row["ends"] == "over_cap" for row in rows),
            "amount": dollars(sum(row["gets"] for row in within))}


def fund(tier, money, rows, report):
    """Says what becomes of each certificate of a tier; gives the tier's figures."""
    readings, amount = report["readings"], report["parameters"]["amount"]
    kinds = {one["participant"]: one["kind"] for one in report["participants"]}
    certificates = [row for row in rows
                    if row["outcome"] in CERTIFICATES and row["of_tier"] == tier["number"]]
    standing_order = ("completion_date", "sasid", "program_code", "participant")
    certificates.sort(key=lambda row: [row[key] for key in standing_order])
    base, limit = cap_of(tier, certificates, rows, readings)
    units, within = units_of(certificates, rows, readings["unit"]), []
    for code, group in group_by("participant", units).items():
        own_limit = limit if kinds.get(code) in readings["cap_applies_to"] else None
        within += within_cap(group, own_limit, readings["cap_selection"])

    per_unit = Fraction(cents(amount["per_unit"]))  # cents per unit of weight
    carried = weight_of(units) - weight_of(within) if readings["cap_money"] == "to_next_tier" else 0
    demand = weight_of(within) + carried
    exact_rate = min(per_unit, money / demand) if demand else per_unit
    is_prorated = exact_rate < per_unit and len(within) > 0
    rate = floor(exact_rate) if within else 0
    frl_rate = floor(rate * Fraction(amount["frl_multiplier"]))
    for row in within:
        row["gets"] = frl_rate if row["frl"] == "Y" else rate
    if is_prorated and readings["rounding"] == "largest_remainder":
        spread(exact_rate, within)
    for row in within:
        row["ends"] = "paid" if row["gets"] else "unfunded"

    figures = figures_of(certificates)
    paid = cents(figures.pop("amount"))
    after = floor(exact_rate * carried) if is_prorated else money - paid
    return {"tier": tier["number"], "certificates": len(certificates), **figures,
            "cap_base": base, "cap_limit": limit, "prorated": is_prorated,
            "rate": dollars(rate), "frl_rate": dollars(frl_rate), "paid": dollars(paid),
            "money_before": dollars(money), "residual": dollars(money - paid - after),
            "money_after": dollars(after)}


def supplements_of(report, groups):
    """What the supplement adds for those who require a completion: a share of their first tier."""
    first = report["parameters"]["tier"][0]["number"]
    asks = {one["participant"] for one in report["participants"] if one["requires_completion"]}
    asked = {code: sum(row["gets"] for row in rows if row["of_tier"] == first)
             for code, rows in groups.items() if code in asks}
    pool = cents(report["supplement_available"] or 0)
    share = min(Fraction(1), Fraction(pool, sum(asked.values()) or 1))
    return {code: floor(share * asked.get(code, 0)) for code in groups}


def participants_of(report, rows):
    """What each gets, and through whom: its district, or 8001 for an institute's charter."""
    kinds = {one["participant"]: one["kind"] for one in report["participants"]}
    groups = group_by("participant", [row for row in rows if row["ends"] in UNITS])
    supplements, participants = supplements_of(report, groups), []
    for code, of_one in groups.items():
        kind = "boces" if kinds.get(code) == "boces" else "district"  # no code tells them apart
        if "-" in code:
            kind = "institute_charter" if code.startswith("8001-") else "district_charter"
        total = sum(row["gets"] for row in of_one) + supplements[code]
        tiers = [{"tier": number, **figures_of(units)}
                 for number, units in group_by("of_tier", of_one).items()]
        participants.append({"participant": code, "kind": kind, "payee": code[:4], "tiers": tiers,
                             "supplement": dollars(supplements[code]), "total": dollars(total)})
    return participants


def row_of(row):
    """What completions.csv must say that became of a row."""
    weight = dollars(cents(row["weighs"])) if row["ends"] in UNITS else ""
    return {"place": row["place"], "outcome": row["ends"], "tier": str(row["of_tier"]),
            "weight": weight, "amount": dollars(row["gets"])}


def award_of(one, tiers):
    """The line of awards.csv of a participant of allocation.json: a column for each tier."""
    amounts = {part["tier"]: part["amount"] for part in one["tiers"]}
    return {**{key: one[key] for key in ("participant", "payee", "name", "kind")},
            **{f"tier_{tier['number']}": amounts.get(tier["number"], "0.00") for tier in tiers},
            "supplement": one["supplement"], "total": one["total"]}


def payment_of(payee):
    """The line of payments.csv of a payee of allocation.json."""
    return {"payee": payee["code"], "amount": payee["total"], "name": payee["name"],
            "vendor": payee["vendor"]}


def compare_receipt(folder, receipt, report, names):
    """The receipt's totals, its checksum of the rows, and the hashes of the files read here."""
    totals = ("standing", "buckets", "available", "paid", "supplement", "unspent", "rows")
    lines = sorted((folder / "completions.csv").read_bytes().split(b"\n")[1:-1])
    content = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    compare("receipt", receipt["predicate"],
            {**{key: report[key] for key in totals}, "content": {"sha256": content}})
    compare("receipt", {one["name"]: one["digest"]["sha256"] for one in receipt["subject"]},
            {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names})


def check(folder):
    """Everything calculated against everything the report says; then its files with each other."""
    report, receipt = (json.loads((folder / name).read_text(encoding="utf-8"))
                       for name in ("allocation.json", "receipt.json"))
    for one in report["participants"]:
        one["participant"] = "-".join(filter(None, (one["district_code"], one["school_code"])))
    parameters, files = report["parameters"], ["allocation.json", "completions.csv", "awards.csv"]
    rows = read_rows(folder / "completions.csv", parameters, receipt["predicate"]["resolutions"])
    outcomes = {**dict.fromkeys(report["buckets"], 0), **Counter(row["outcome"] for row in rows)}
    compare("rows by outcome", report["buckets"], outcomes)
    tiers, money = [], cents(report["available"])
    for tier in parameters["tier"]:
        tiers.append(fund(tier, money, rows, report))
        money = cents(tiers[-1]["money_after"])
    participants = participants_of(report, rows)
    payees = [{"code": code, "total": dollars(sum(cents(one["total"]) for one in of_payee))}
              for code, of_payee in group_by("payee", participants).items()]
    paid, supplement = (sum(cents(one[key]) for one in some)
                        for key, some in (("paid", tiers), ("supplement", participants)))
    compare("allocation.json", report, {
        "tiers": tiers, "participants": participants, "payees": payees, "rows": len(rows),
        "paid": dollars(paid), "supplement": dollars(supplement), "unspent": dollars(money)})
    compare("completions.csv", rows, [row_of(row) for row in rows])
    compare("awards.csv", read_csv(folder / "awards.csv"),
            [award_of(one, parameters["tier"]) for one in report["participants"]])
    if report["standing"] == "FINAL":
        compare("rows rejected or held", outcomes["rejected"] + outcomes["held"], 0)
        files.append("payments.csv")
        compare("payments.csv", read_csv(folder / "payments.csv"),
                [payment_of(payee) for payee in report["payees"]])
    compare_receipt(folder, receipt, report, files)
    return (f"AGREES: {len(rows)} rows, {len(participants)} participants, {len(payees)} payees; "
            f"paid {dollars(paid)}, supplement {dollars(supplement)}")


if __name__ == "__main__":
    try:
        print(check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
    except Exception as error:  # whatever is wrong with a file
        sys.exit(f"DIFFERENCE: the report cannot be read: {type(error).__name__}: {error}")
