"""Counter-check: calculates the awards of this report again, without cdip.

    python3 counter-check.py [REPORT FOLDER]

It prints AGREES and ends with status 0, or names the first difference and ends with status 1. It
needs Python 3.8 or later and nothing else. To read it, begin at the end: `check` takes the steps in
order, and `fund` is the heart of the calculation. What is calculated about a row has a name that
begins with my_; everything else in a row is the report's. Money is in whole cents; a fraction stays
exact until a step rounds it.

    certificate   a row that passed every check
    unit          a certificate that counts for an award; by default the first of each pupil
    over the cap  a unit that is left out because its participant is at its limit
    reading       the office's answer to a question that the law leaves open

Taken from the report, not checked: the money, the parameters and the readings; the cells of each
row; which rows are certificates, and which rows a decision set aside; who is a BOCES, and who
requires a completion; names and vendor numbers. `cdip verify --batch` checks these. Of the
workbooks, findings.csv, factors.json and prior-payments-next.csv only the hash is compared.
"""
import csv
import hashlib
import json
import sys
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

UNITS = ("paid", "unfunded", "over_cap")  # how a unit ends
CERTIFICATES = (*UNITS, "already_counted")  # how a certificate ends
NO_FORMULA = ("'=", "'+", "'-", "'@", "'\t", "'\r")  # with the apostrophe it stays a text
STANDING_ORDER = ("completion_date", "sasid", "program_code", "participant")


def compare(what, found, expected):
    """Ends the program at the first calculated value (expected) that the report does not have."""
    if isinstance(expected, dict):
        for name, value in expected.items():
            compare(f"{what}, {name}", found.get(name), value)
    elif isinstance(expected, list):
        compare(f"{what}, lines", len(found), len(expected))
        for line, values in zip(found, expected):
            name, value = list(values.items())[0]  # the first value says which line it is
            compare(f"{what}, {name} {value}", line, values)
    elif found != expected:
        sys.exit(f"DIFFERENCE: {what}: the report says {found}; calculated again it is {expected}")


def cents(text):
    compare(f"cents of {text}", (Fraction(text) * 100).denominator, 1)  # no part of a cent
    return int(Fraction(text) * 100)


def dollars(amount):
    return f"{amount // 100}.{amount % 100:02}"


def nearest(exact):
    return floor(exact + Fraction(1, 2))


def total(name, items):
    return sum(item[name] for item in items)


def group_by(key, items):
    """Lists of the items that have the same value under a key, in ascending order of the value."""
    groups = {value: [] for value in sorted({item[key] for item in items})}
    for item in items:
        groups[item[key]].append(item)
    return groups


def read_csv(path):
    """The lines of a file, without the apostrophes that cdip adds so that no text is a formula."""
    with open(path, encoding="utf-8", newline="") as file:
        return [{name: text[1:] if text.startswith(NO_FORMULA) else text
                 for name, text in line.items()} for line in csv.DictReader(file, strict=True)]


def read_rows(folder, report, decisions):
    """The rows of completions.csv. Certificates have no outcome and no amount yet: see `fund`."""
    amount, tiers = report["parameters"]["amount"], report["parameters"]["tier"]
    tier_of = {category: tier["number"] for tier in tiers for category in tier["categories"]}
    kind_of = {one["participant"]: one["kind"] for one in report["participants"]}
    # Rows that a decision set aside: "found" means that the decision took effect.
    set_aside = {f"{row['file']}!{row['sheet']}!{row['row']}" for line in decisions
                 if line["set_aside"] and line["found"] for row in line["rows"]}
    rows = read_csv(folder / "completions.csv")
    for row in rows:
        row["place"] = f"{row['source_file']}!{row['source_sheet']}!{row['source_row']}"
        row["kind"] = kind_of.get(row["participant"])
        row["my_tier"] = tier_of.get(row["category"], "")
        row["my_weight"] = Fraction(amount["frl_multiplier"] if row["frl"] == "Y" else 1)
        # A cell that cannot be read has a code that begins with E; no other code has an E in it.
        row["is_reported"] = "E" not in row["codes"] and row["place"] not in set_aside
        row["my_outcome"] = "" if row["outcome"] in CERTIFICATES else row["outcome"]
        row["my_amount"] = 0
    return rows


def units_of(certificates, rows, reading):
    """The certificates, in standing order, that count for an award under the reading `unit`."""
    units, counted = [], set()
    if reading == "pupil":  # whom an earlier tier paid (those are decided) is not paid again
        counted = {row["sasid"] for row in rows if row["my_outcome"] == "paid"}
    for row in certificates:  # the first of each pupil, or under `completion` all
        if row["sasid"] not in counted or reading == "completion":
            units.append(row)
        counted.add(row["sasid"])
    return units


def cap_of(tier, certificates, rows, readings):
    """What the tier's cap is a share of, and the limit that follows; None, None without a cap."""
    if "cap_share" not in tier:
        return None, None
    base = len(certificates)
    if readings["cap_base"] == "reported":
        base = sum(row["my_tier"] == tier["number"] and row["is_reported"] for row in rows)
    rounded = {"floor": floor, "nearest": nearest, "ceiling": ceil}[readings["cap_rounding"]]
    return base, rounded(Fraction(tier["cap_share"]) * base)


def within_cap(units, limit, readings):
    """The units that the cap keeps of each participant, under the reading `cap_selection`."""
    within = []
    for own in group_by("participant", units).values():
        frl = [row for row in own if row["frl"] == "Y"]
        others = [row for row in own if row["frl"] != "Y"]
        if limit is None or len(own) <= limit or own[0]["kind"] not in readings["cap_applies_to"]:
            within += own
        elif readings["cap_selection"] == "earliest":
            within += own[:limit]
        elif readings["cap_selection"] == "frl_first":
            within += (frl + others)[:limit]
        else:  # proportional: FRL has the same share of the kept units as of all
            frl_kept = nearest(Fraction(limit * len(frl), len(own)))
            within += frl[:frl_kept] + others[:limit - frl_kept]
    return within


def whole_cents(whole, exact_parts):
    """Rounds parts down; the cents that they then lack go, one each, to the largest fractions."""
    parts = [floor(exact) for exact in exact_parts]
    by_fraction = sorted(range(len(parts)), key=lambda i: exact_parts[i] - parts[i], reverse=True)
    for i in by_fraction[:whole - sum(parts)]:  # among equal fractions the first part wins
        parts[i] += 1
    return parts


def pay_largest_remainder(exact_rate, units):
    """The reading largest_remainder: whole cents for each participant, then for its units."""
    groups = list(group_by("participant", units).values())
    totals = whole_cents(floor(exact_rate * total("my_weight", units)),
                         [exact_rate * total("my_weight", group) for group in groups])
    for group, group_total in zip(groups, totals):
        # Among equal fractions the first pupil, then program, wins; units come in standing order.
        group.sort(key=lambda row: (row["sasid"], row["program_code"]))
        amounts = whole_cents(group_total, [exact_rate * row["my_weight"] for row in group])
        for row, amount in zip(group, amounts):
            row["my_amount"] = amount


def figures_of(rows, amount_name):
    """The figures of a tier, or of a participant in it, under the names of allocation.json."""
    within = [row for row in rows if row["my_outcome"] in ("paid", "unfunded")]
    return {"units": len(within), "frl_units": sum(row["frl"] == "Y" for row in within),
            "over_cap": sum(row["my_outcome"] == "over_cap" for row in rows),
            amount_name: dollars(total("my_amount", within))}


def fund(tier, money, rows, report):
    """Decides what each certificate of a tier gets, and returns the figures of the tier."""
    readings, amount = report["readings"], report["parameters"]["amount"]
    certificates = [row for row in rows
                    if row["outcome"] in CERTIFICATES and row["my_tier"] == tier["number"]]
    certificates.sort(key=lambda row: [row[name] for name in STANDING_ORDER])
    units = units_of(certificates, rows, readings["unit"])
    base, limit = cap_of(tier, certificates, rows, readings)
    within = within_cap(units, limit, readings)

    # Under to_next_tier, units over the cap take a share of the money along to the next tier.
    over_weight = total("my_weight", units) - total("my_weight", within)
    carried_weight = over_weight if readings["cap_money"] == "to_next_tier" else 0
    demand = total("my_weight", within) + carried_weight
    full_rate = Fraction(cents(amount["per_unit"]))
    exact_rate = min(full_rate, money / demand) if demand else full_rate
    is_prorated = exact_rate < full_rate and len(within) > 0
    rate = floor(exact_rate) if within else 0
    frl_rate = floor(rate * Fraction(amount["frl_multiplier"]))

    for row in within:
        row["my_amount"] = frl_rate if row["frl"] == "Y" else rate
    if is_prorated and readings["rounding"] == "largest_remainder":
        pay_largest_remainder(exact_rate, within)
    for row in certificates:  # each of these loops corrects the one before, for fewer rows
        row["my_outcome"] = "already_counted"
    for row in units:
        row["my_outcome"] = "over_cap"
    for row in within:
        row["my_outcome"] = "paid" if row["my_amount"] > 0 else "unfunded"

    # The next tier gets what is left; after a prorated tier, only what the cap carries there.
    paid = total("my_amount", within)
    money_after = floor(exact_rate * carried_weight) if is_prorated else money - paid
    return {"tier": tier["number"], "certificates": len(certificates),
            **figures_of(certificates, "paid"), "cap_base": base, "cap_limit": limit,
            "prorated": is_prorated, "rate": dollars(rate), "frl_rate": dollars(frl_rate),
            "money_before": dollars(money), "money_after": dollars(money_after),
            "residual": dollars(money - paid - money_after)}


def supplements_of(groups, report):
    """For those who require a completion: as much again as their first tier, or a share of it."""
    requires = {one["participant"] for one in report["participants"] if one["requires_completion"]}
    first = report["parameters"]["tier"][0]["number"]
    asked = {code: sum(row["my_amount"] for row in units
                       if row["my_tier"] == first and code in requires)
             for code, units in groups.items()}
    pool = cents(report["supplement_available"] or 0)
    share = min(1, Fraction(pool, sum(asked.values()) or 1))
    return {code: floor(share * amount) for code, amount in asked.items()}


def participants_of(rows, report):
    """What each participant gets. The payee is its district, or 8001 for an institute's charter."""
    groups = group_by("participant", [row for row in rows if row["my_outcome"] in UNITS])
    supplements, participants = supplements_of(groups, report), []
    for code, units in groups.items():
        kind = "boces" if units[0]["kind"] == "boces" else "district"  # no code tells them apart
        if "-" in code:
            kind = "institute_charter" if code.startswith("8001-") else "district_charter"
        tiers = [{"tier": number, **figures_of(tier_units, "amount")}
                 for number, tier_units in group_by("my_tier", units).items()]
        award, supplement = total("my_amount", units) + supplements[code], supplements[code]
        participants.append({"participant": code, "kind": kind, "payee": code[:4], "tiers": tiers,
                             "supplement": dollars(supplement), "total": dollars(award)})
    return participants


def compare_csv(folder, rows, report):
    """The csv files: completions.csv with what was calculated, the others with allocation.json."""
    compare("completions.csv", rows, [
        {"place": row["place"], "outcome": row["my_outcome"], "tier": str(row["my_tier"]),
         "weight": dollars(cents(row["my_weight"])) if row["my_outcome"] in UNITS else "",
         "amount": dollars(row["my_amount"])} for row in rows])
    names = ("participant", "payee", "name", "kind", "supplement", "total")
    compare("awards.csv", read_csv(folder / "awards.csv"), [
        {**{name: one[name] for name in names},
         **{f"tier_{tier['tier']}": "0.00" for tier in report["tiers"]},  # without a unit
         **{f"tier_{tier['tier']}": tier["amount"] for tier in one["tiers"]}}
        for one in report["participants"]])
    if report["standing"] == "FINAL":
        compare("payments.csv", read_csv(folder / "payments.csv"), [
            {"payee": one["code"], "amount": one["total"], "name": one["name"],
             "vendor": one["vendor"]} for one in report["payees"]])


def compare_receipt(folder, receipt, report):
    """The receipt's totals, its checksum of the rows in any order, and the hash of every file."""
    names = ("standing", "buckets", "available", "paid", "supplement", "unspent", "rows")
    lines = sorted((folder / "completions.csv").read_bytes().split(b"\n")[1:-1])  # no heading
    checksum = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    compare("receipt", receipt["predicate"],
            {**{name: report[name] for name in names}, "content": {"sha256": checksum}})
    files = ["allocation.json", "completions.csv", "awards.csv"]
    files += ["payments.csv"] if report["standing"] == "FINAL" else []
    files += [one["name"] for one in receipt["subject"] if (folder / one["name"]).exists()]
    compare("receipt", {one["name"]: one["digest"]["sha256"] for one in receipt["subject"]},
            {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files})


def check(folder):
    """Calculates everything from the rows, and compares the report's files with it."""
    report = json.loads((folder / "allocation.json").read_text(encoding="utf-8"))
    receipt = json.loads((folder / "receipt.json").read_text(encoding="utf-8"))
    for one in report["participants"]:
        school = f"-{one['school_code']}" if one["school_code"] else ""
        one["participant"] = one["district_code"] + school
    rows = read_rows(folder, report, receipt["predicate"]["resolutions"])
    outcomes = [row["outcome"] for row in rows]
    compare("rows by outcome", report["buckets"],
            {outcome: outcomes.count(outcome) for outcome in [*report["buckets"], *set(outcomes)]})
    if report["standing"] == "FINAL":
        compare("rows rejected or held", outcomes.count("rejected") + outcomes.count("held"), 0)

    tiers, money = [], cents(report["available"])
    for tier in report["parameters"]["tier"]:
        tiers.append(fund(tier, money, rows, report))
        money = cents(tiers[-1]["money_after"])
    participants = participants_of(rows, report)
    payees = [{"code": code, "total": dollars(sum(cents(one["total"]) for one in members))}
              for code, members in group_by("payee", participants).items()]
    paid = dollars(total("my_amount", rows))
    supplement = dollars(sum(cents(one["supplement"]) for one in participants))
    compare("allocation.json", report, {
        "tiers": tiers, "participants": participants, "payees": payees, "rows": len(rows),
        "paid": paid, "supplement": supplement, "unspent": dollars(money)})
    compare_csv(folder, rows, report)
    compare_receipt(folder, receipt, report)
    return (f"AGREES: {len(rows)} rows, {len(participants)} participants, {len(payees)} payees; "
            f"paid {paid}, supplement {supplement}")


if __name__ == "__main__":
    try:
        print(check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
    except Exception as error:  # whatever is wrong with a file
        sys.exit(f"DIFFERENCE: the report cannot be read: {type(error).__name__}: {error}")
