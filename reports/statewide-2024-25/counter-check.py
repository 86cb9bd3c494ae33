"""Counter-check: calculates the award of this report again, without cdip.

    python3 counter-check.py [REPORT FOLDER]

It ends with AGREES and status 0, or names the first difference and ends with 1. It needs Python 3.8
and nothing else. Money is whole cents, rates are exact fractions, and only a step that says so
rounds. A *certificate* is a row that takes part; a *unit* is a certificate that one award is for.
Tier after tier `fund` says how each row `ends`, and later tiers look at that.

Taken as decided: the money, the parameters and the readings; what each row of completions.csv says;
which rows took part in the allocation (paid, unfunded, over_cap or already_counted) and which the
receipt says that decisions set aside; who is a BOCES, and who requires a completion. Only the batch
can say whether that is right: `cdip verify --batch` compares with it. Names and vendor numbers are
taken from allocation.json. Workbooks, findings.csv, factors.json and prior-payments-next.csv are
not read.
"""
import csv
import hashlib
import json
import sys
from collections import Counter
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

CERTIFICATES = ("paid", "unfunded", "over_cap", "already_counted")
GUARDED = ("'=", "'+", "'-", "'@", "'\t", "'\r")
ROUNDING = {"floor": floor, "nearest": lambda exact: floor(exact + Fraction(1, 2)), "ceiling": ceil}


def compare(what, reported, calculated):
    """Whatever was calculated must be in the report: values by name, lists line by line."""
    if isinstance(calculated, dict):
        for key, value in calculated.items():
            compare(f"{what}, {key}", reported.get(key), value)
    elif isinstance(calculated, list):
        compare(f"{what}, lines", len(reported), len(calculated))
        for line, expected in zip(reported, calculated):
            key, value = next(iter(expected.items()))
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


def group_by(key, items):
    """The items in lists by what they have under a key, in its ascending order."""
    groups = {}
    for item in sorted(items, key=lambda item: item[key]):
        groups.setdefault(item[key], []).append(item)
    return groups


def read_csv(path):
    """The records of a file, without the apostrophe that cdip puts before = + - @ in a text."""
    with open(path, encoding="utf-8", newline="") as file:
        return [{key: text[1:] if text.startswith(GUARDED) else text
                 for key, text in record.items()} for record in csv.DictReader(file, strict=True)]


def read_rows(path, parameters, decisions):
    """The rows as decided. How a row `ends` and what it `gets` is calculated below."""
    tier_of = {category: tier["number"] for tier in parameters["tier"]
               for category in tier["categories"]}
    set_aside = {(row["file"], row["sheet"], str(row["row"])) for line in decisions
                 if line["found"] and line.get("set_aside") for row in line["rows"]}
    rows = read_csv(path)
    for order, row in enumerate(rows):
        row["rank"] = (row["sasid"], row["program_code"], row["participant"], order)
        row["place"] = (row["source_file"], row["source_sheet"], row["source_row"])
        row["of_tier"] = tier_of.get(row["category"], "")
        # Codes with an E say that the row could not be read.
        row["is_reported"] = "E" not in row["codes"] and row["place"] not in set_aside
        row["weighs"] = Fraction(parameters["amount"]["frl_multiplier"] if row["frl"] == "Y" else 1)
        row["ends"], row["gets"] = "" if row["outcome"] in CERTIFICATES else row["outcome"], 0
    return rows


def units_of(certificates, reading, rows):
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
    if len(units) <= limit or selection == "earliest":
        return units[:limit]
    frl = [row for row in units if row["frl"] == "Y"]
    others = [row for row in units if row["frl"] != "Y"]
    quota = min(limit, len(frl))  # frl_first
    if selection == "proportional":
        quota = ROUNDING["nearest"](Fraction(limit * len(frl), len(units)))
    return frl[:quota] + others[:limit - quota]


def spread(total, rate, units, keys):
    """Parts rounded down; missing cents go one each to the largest fractions, then the first."""
    if not keys:
        units[0]["gets"] = total
        return
    groups = list(group_by(keys[0], units).values())
    exact = [rate * weight_of(group) for group in groups]
    parts = [floor(part) for part in exact]
    for i in sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])[:total - sum(parts)]:
        parts[i] += 1
    for part, group in zip(parts, groups):
        spread(part, rate, group, keys[1:])


def weight_of(rows):
    return sum(row["weighs"] for row in rows)


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
    certificates.sort(key=lambda row: (row["completion_date"], row["rank"]))  # standing order
    units, within = units_of(certificates, readings["unit"], rows), []
    base, limit = cap_of(tier, certificates, rows, readings)
    for participant, group in group_by("participant", units).items():
        is_capped = limit is not None and kinds.get(participant) in readings["cap_applies_to"]
        within += within_cap(group, limit, readings["cap_selection"]) if is_capped else group

    per_unit = Fraction(cents(amount["per_unit"]))  # cents per unit of weight
    over_cap = weight_of(units) - weight_of(within)
    carried = over_cap if readings["cap_money"] == "to_next_tier" else 0
    demand = weight_of(within) + carried
    exact_rate = min(per_unit, money / demand) if demand else per_unit
    is_prorated = exact_rate < per_unit and len(within) > 0
    rate = floor(exact_rate) if within else 0
    frl_rate = floor(rate * Fraction(amount["frl_multiplier"]))

    for row in within:
        row["gets"] = frl_rate if row["frl"] == "Y" else rate
    if is_prorated and readings["rounding"] == "largest_remainder":
        total = floor(exact_rate * weight_of(within))
        spread(total, exact_rate, within, ["participant", "rank"])
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


def kind_of(code, listed):
    """What the code alone says; only a BOCES cannot be told from a district."""
    if "-" in code:
        return "institute_charter" if code.startswith("8001-") else "district_charter"
    return "boces" if listed["kind"] == "boces" else "district"


def participants_of(report, rows):
    """What each gets, with the supplement, and through whom: its district or institute."""
    tiers = [tier["number"] for tier in report["parameters"]["tier"]]
    listed = {one["participant"]: one for one in report["participants"]}
    groups = group_by("participant", [row for row in rows if row["weight"]])
    compare("participants with units", tuple(listed), tuple(groups))
    asked = {code: sum(row["gets"] for row in of_one if row["of_tier"] == tiers[0])
             for code, of_one in groups.items() if listed[code]["requires_completion"]}
    pool = cents(report["supplement_available"] or 0)
    share = min(Fraction(1), Fraction(pool, sum(asked.values()) or 1))
    participants = []
    for code, of_one in groups.items():
        by_tier, supplement = group_by("of_tier", of_one), floor(share * asked.get(code, 0))
        total = sum(row["gets"] for row in of_one) + supplement
        participants.append({
            "participant": code, "kind": kind_of(code, listed[code]), "payee": code[:4],
            "tiers": [{"tier": tier, **figures_of(by_tier[tier])}
                      for tier in tiers if tier in by_tier],
            "supplement": dollars(supplement), "total": dollars(total)})
    return participants


def award_of(participant, tiers):
    """The participant's line of awards.csv."""
    amounts = {one["tier"]: one["amount"] for one in participant["tiers"]}
    return {**{key: value for key, value in participant.items() if key != "tiers"},
            **{f"tier_{tier['number']}": amounts.get(tier["number"], "0.00") for tier in tiers}}


def compare_rows(rows):
    """What completions.csv says that became of each row."""
    expected = []
    for row in rows:
        is_unit = row["ends"] in ("paid", "unfunded", "over_cap")
        expected.append({"place": row["place"], "tier": str(row["of_tier"]), "outcome": row["ends"],
                         "weight": dollars(cents(row["weighs"])) if is_unit else "",
                         "amount": dollars(row["gets"])})
    compare("completions.csv", rows, expected)


def compare_receipt(folder, receipt, report, rows):
    """The receipt's totals, its checksum of the rows, and the hashes of the files read here."""
    totals = ("standing", "buckets", "available", "paid", "supplement", "unspent")
    lines = sorted((folder / "completions.csv").read_bytes().split(b"\n")[1:-1])
    content = hashlib.sha256(b"".join(line + b"\n" for line in lines)).hexdigest()
    compare("receipt", receipt["predicate"], {"rows": len(rows), "content": {"sha256": content},
                                              **{key: report[key] for key in totals}})
    hashes = {subject["name"]: subject["digest"]["sha256"] for subject in receipt["subject"]}
    for name in ("allocation.json", "completions.csv", "awards.csv"):
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        compare(f"receipt, {name}", hashes.get(name), found)


def check(folder):
    """Everything calculated against everything the report says."""
    report, receipt = (json.loads((folder / name).read_text(encoding="utf-8"))
                       for name in ("allocation.json", "receipt.json"))
    for one in report["participants"]:
        one["participant"] = "-".join(filter(None, (one["district_code"], one["school_code"])))
    parameters = report["parameters"]
    rows = read_rows(folder / "completions.csv", parameters, receipt["predicate"]["resolutions"])
    outcomes = {**dict.fromkeys(report["buckets"], 0), **Counter(row["outcome"] for row in rows)}
    compare("rows by outcome", report["buckets"], outcomes)
    tiers, money = [], cents(report["available"])
    for tier in parameters["tier"]:
        tiers.append(fund(tier, money, rows, report))
        money = cents(tiers[-1]["money_after"])
    participants = participants_of(report, rows)
    payees = {payee: dollars(sum(cents(one["total"]) for one in of_payee))
              for payee, of_payee in group_by("payee", participants).items()}
    paid = sum(row["gets"] for row in rows)
    supplement = sum(map(cents, payees.values())) - paid
    compare("allocation.json", report, {
        "tiers": tiers, "participants": participants,
        "payees": [{"code": payee, "total": total} for payee, total in payees.items()],
        "paid": dollars(paid), "supplement": dollars(supplement), "unspent": dollars(money)})
    compare_rows(rows)
    awards = [award_of(one, parameters["tier"]) for one in participants]
    compare("awards.csv", read_csv(folder / "awards.csv"), awards)
    if report["standing"] == "FINAL":
        compare("rows rejected or held", outcomes["rejected"] + outcomes["held"], 0)
        payments = [{"payee": one["code"], "amount": payees[one["code"]], "name": one["name"],
                     "vendor": one["vendor"]} for one in report["payees"]]
        compare("payments.csv", read_csv(folder / "payments.csv"), payments)
    compare_receipt(folder, receipt, report, rows)
    return (f"AGREES: {len(rows)} rows, {len(participants)} participants, {len(payees)} payees; "
            f"paid {dollars(paid)}, supplement {dollars(supplement)}")


if __name__ == "__main__":
    try:
        print(check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
    except Exception as error:  # whatever is wrong with a file
        sys.exit(f"DIFFERENCE: the report cannot be read: {type(error).__name__}: {error}")
