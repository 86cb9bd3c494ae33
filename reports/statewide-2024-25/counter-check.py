"""Counter-check: calculates the award again from this report's completions.csv and allocation.json, without cdip.
    python3 counter-check.py [REPORT FOLDER]       exit status 0: everything agrees; 1: the first difference is printed
Needs Python 3.8 and nothing else. Money is whole cents, rates are exact fractions; nothing is rounded but where a step says so.
The steps are those of the calculation: 3.1 units, 3.2 cap, 3.3 rate, 3.4 amounts, 3.5 money after, 4 supplement. Taken as decided:
which rows are certificates (outcome paid, unfunded, over_cap or already_counted), and what each row says of its completion."""
import csv, itertools, json, operator, sys
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

CERTIFICATES = ("paid", "unfunded", "over_cap", "already_counted")
def same(what, found, calculated):
    if found != calculated: sys.exit(f"DIFFERENCE: {what}: the report says {found}; calculated again it is {calculated}")
def cents(dollars): return int(exact) if (exact := Fraction(dollars) * 100).denominator == 1 else exact
def dollars(cents): return f"{cents // 100}.{cents % 100:02}"
def nearest(exact): return floor(exact + Fraction(1, 2))
def is_frl(row): return row["frl"] == "Y"
def weight(rows): return sum((row["w"] for row in rows), Fraction(0))
def in_order_of(rows, *columns): return sorted(rows, key=operator.itemgetter(*columns))
def by(column, rows): return {key: list(group) for key, group in itertools.groupby(in_order_of(rows, column), operator.itemgetter(column))}
# completions.csv in its own order (file, sheet, row), without the apostrophe that keeps a spreadsheet from calculating a text.
def read_rows(folder, rules):
    with open(folder / "completions.csv", encoding="utf-8", newline="") as file: rows = list(csv.DictReader(file, strict=True))
    tier_of = {category: str(tier["number"]) for tier in rules["tier"] for category in tier["categories"]}
    for order, row in enumerate(rows):
        row.update({key: text[1:] for key, text in row.items() if text[:1] == "'" and text[1:2] in tuple("=+-@\t\r")})
        row["order"], row["place"] = order, f"{row['source_file']} {row['source_sheet']} row {row['source_row']}"
        row["w"] = Fraction(rules["amount"]["frl_multiplier"]) if is_frl(row) else Fraction(1)
        row["is"] = ("" if row["outcome"] in CERTIFICATES else row["outcome"], "", 0)  # outcome, weight, cents as calculated
        same(f"{row['place']}: tier", row["tier"], tier_of.get(row["category"], ""))
        letters = "".join(sorted({code[0] for code in row["codes"].split()}))  # E cannot be read, N does not qualify, H held
        needed = {"rejected": "E", "not_qualified": "N", "held": "H"}.get(row["outcome"], letters)
        same(f"{row['place']}: codes of a row {row['outcome']}", letters, letters.strip("EN") if row["outcome"] in CERTIFICATES else needed)
    return rows
# Step 3.1: a pupil counts once in a tier; under `pupil` not if it was paid in an earlier one; `completion`: every certificate.
def units_of(certificates, reading, paid_pupils):
    seen, units = set(paid_pupils) if reading == "pupil" else set(), []
    for row in certificates:
        if reading == "completion" or row["sasid"] not in seen: units.append(row)
        seen.add(row["sasid"])
    return units
# Step 3.2: which of one participant's units, in standing order, stay within the limit.
def kept(units, limit, selection):
    if len(units) <= limit or selection == "earliest": return units[:limit]
    frl, others = [row for row in units if is_frl(row)], [row for row in units if not is_frl(row)]
    quota = limit if selection == "frl_first" else nearest(Fraction(limit * len(frl), len(units)))
    quota = min(max(quota, limit - len(others)), limit, len(frl))  # so that both groups can fill the limit
    return frl[:quota] + others[:limit - quota]
# Step 3.4, largest remainder: all parts floored, the missing cents one each to the largest fractions, the first among equals.
def fill(total, exact):
    parts = [floor(part) for part in exact]
    for i in sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])[:total - sum(parts)]: parts[i] += 1
    return parts
# A tier's figures, or a participant's in a tier: units within the cap, with free or reduced-price lunch, over the cap, and the money.
def count(rows):
    within = [row for row in rows if row["is"][0] in ("paid", "unfunded")]
    return {"units": len(within), "frl_units": sum(map(is_frl, within)), "over_cap": sum(row["is"][0] == "over_cap" for row in rows),
            "amount": dollars(sum(row["is"][2] for row in rows))}
# Steps 3.1 to 3.5: what becomes of every certificate of the tier; gives the tier's figures and the cents that go on.
def fund(tier, money, rows, report, listed, paid_pupils):
    readings, amount, base, limit = report["readings"], report["parameters"]["amount"], None, None
    members = [row for row in rows if row["tier"] == str(tier["number"]) and row["outcome"] in CERTIFICATES]
    members = in_order_of(members, "completion_date", "sasid", "program_code", "participant", "order")  # the standing order
    within = units = units_of(members, readings["unit"], paid_pupils)
    if tier["cap_share"] is not None:  # 3.2
        reported = [row for row in rows if row["category"] in tier["categories"] and "E" not in row["codes"]]
        base = len(reported if readings["cap_base"] == "reported" else members)
        limit = {"floor": floor, "ceiling": ceil, "nearest": nearest}[readings["cap_rounding"]](Fraction(tier["cap_share"]) * base)
        within = [row for code, group in by("participant", units).items() for row in (kept(group, limit, readings["cap_selection"])
                  if listed.get(code, {}).get("kind") in readings["cap_applies_to"] else group)]
    kept_rows = {row["order"] for row in within}
    over = [row for row in units if row["order"] not in kept_rows]
    # 3.3: p is the exact rate in cents; the rates that people see are floored.
    per_unit, goes_on = cents(amount["per_unit"]), weight(over) if readings["cap_money"] == "to_next_tier" else Fraction(0)
    demand = weight(within) + goes_on
    p = min(Fraction(per_unit), money / demand) if demand else Fraction(per_unit)
    prorated, rate = bool(within) and p < per_unit, floor(p) if within else 0
    frl_rate = floor(rate * Fraction(amount["frl_multiplier"]))
    pay = {row["order"]: frl_rate if is_frl(row) else rate for row in within}
    if prorated and readings["rounding"] == "largest_remainder":  # 3.4: first among participants, then among the rows of each
        groups = [in_order_of(group, "sasid", "program_code", "order") for group in by("participant", within).values()]
        for group, total in zip(groups, fill(floor(p * weight(within)), [p * weight(group) for group in groups])):
            pay.update(zip((row["order"] for row in group), fill(total, [p * row["w"] for row in group])))
    for row in members: row["is"] = ("already_counted", "", 0)
    for row in over: row["is"] = ("over_cap", dollars(cents(row["w"])), 0)
    for row in within: row["is"] = ("paid" if pay[row["order"]] > 0 else "unfunded", dollars(cents(row["w"])), pay[row["order"]])
    after = floor(p * goes_on) if prorated else money - sum(pay.values())  # 3.5: nothing is carried on but the over-cap units' share
    return {**count(members), "certificates": len(members), "cap_base": base, "cap_limit": limit, "prorated": prorated,
            "rate": dollars(rate), "frl_rate": dollars(frl_rate), "money_before": dollars(money), "money_after": dollars(after),
            "residual": dollars(money - sum(pay.values()) - after)}, after
# Everything calculated against everything the report says; step 4, the supplement, on the way.
def check(folder):
    with open(folder / "allocation.json", encoding="utf-8") as file: report = json.load(file)
    listed = {"-".join(filter(None, (p["district_code"], p["school_code"]))): p for p in report["participants"]}
    rows, money, tiers = read_rows(folder, report["parameters"]), cents(report["available"]), report["parameters"]["tier"]
    same("rows by outcome", {outcome: n for outcome, n in report["buckets"].items() if n}, {o: len(g) for o, g in by("outcome", rows).items()})
    for tier, found in zip(tiers, report["tiers"]):
        figures, money = fund(tier, money, rows, report, listed, {row["sasid"] for row in rows if row["is"][0] == "paid"})
        for key, value in figures.items(): same(f"tier {tier['number']}, {key}", found["paid" if key == "amount" else key], value)
    for row in rows:
        same(f"{row['place']}: outcome, weight and amount", (row["outcome"], row["weight"], cents(row["amount"])), row["is"])
    groups = by("participant", [row for row in rows if row["is"][1]])  # units, within the cap or over it
    same("participants with units", list(listed), list(groups))
    asked = {code: sum(row["is"][2] for row in group if row["tier"] == str(tiers[0]["number"]))  # step 4: tier-1 amounts
             for code, group in groups.items() if listed[code]["requires_completion"]}
    share = min(Fraction(1), Fraction(cents(report["supplement_available"] or 0), sum(asked.values()) or 1))
    payees = {entry["payee"]: 0 for entry in report["participants"]}
    for code, group in groups.items():
        shares = [{"tier": int(number), **count(of_tier)} for number, of_tier in sorted(by("tier", group).items(), key=lambda t: int(t[0]))]
        supplement = floor(asked.get(code, 0) * share)
        total = sum(row["is"][2] for row in group) + supplement
        same(f"participant {code}", operator.itemgetter("tiers", "supplement", "total")(listed[code]), (shares, dollars(supplement), dollars(total)))
        payees[listed[code]["payee"]] += total
    same("payees", {p["code"]: cents(p["total"]) for p in report["payees"]}, payees)
    paid, all_paid = sum(row["is"][2] for row in rows), sum(payees.values())
    same("paid, supplement, unspent", [report[key] for key in ("paid", "supplement", "unspent")], [dollars(c) for c in (paid, all_paid - paid, money)])
    print(f"AGREES: {len(rows)} rows, {len(groups)} participants, {len(payees)} payees; paid {dollars(paid)}, supplement {dollars(all_paid - paid)}")
try: check(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
except Exception as error: sys.exit(f"DIFFERENCE: the report cannot be read: {type(error).__name__}: {error}")
