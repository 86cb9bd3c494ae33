//! The workbook of one entity.

use super::*;

#[test]
fn an_entitys_workbook_holds_its_own_rows_and_money_and_nobody_elses() {
    let workbooks = Workbooks::of(&SAMPLE);
    let records = SAMPLE.records();
    let every: Vec<String> = RowRank::all(records.len())
        .map(|position| records.get(position).sasid.to_string())
        .collect();
    let entities = reporting_entities(&SAMPLE);
    assert!(entities.len() > 10);
    for entity in &entities {
        let bytes = workbooks.entity(entity).unwrap().save_to_buffer().unwrap();
        let own: BTreeSet<&str> = entity.rows.iter().map(|row| every[*row].as_str()).collect();
        let foreign = every
            .iter()
            .map(String::as_str)
            .filter(|sasid| sasid.len() == 10 && !own.contains(sasid));
        let content: String = parts(&bytes).into_iter().map(|(_, xml)| xml).collect();
        for sasid in foreign {
            assert!(
                !content.contains(sasid),
                "a pupil of another entity is in the workbook of {}",
                entity.code
            );
        }
        let sheets = sheets(&bytes);
        let names: Vec<&str> = sheets.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[..2], ["Award", "What to fix"]);
        let payees = SAMPLE.payees();
        let payment = payees
            .iter()
            .find(|(code, _)| *code == entity.code)
            .map_or(0, |(_, payment)| payment.cents());
        let total = row(
            sheet(&sheets, "Award"),
            &format!("Total to {} {}", entity.code, entity.name),
        );
        assert_eq!(cents(&total[1]), payment, "{}", entity.code);
        let amounts = at_the_edge(&sheets, "Amount");
        let expected: Vec<i64> = entity
            .rows
            .iter()
            .map(|row| SAMPLE.decisions[*row].amount.cents())
            .collect();
        assert_eq!(amounts.iter().map(cents).collect::<Vec<_>>(), expected);
        let tiers = at_the_edge(&sheets, "Tier");
        for (row, tier) in entity.rows.iter().zip(&tiers) {
            let number = records.get(*row).tier;
            let shown = number.map_or(Data::Empty, |number| Data::Float(number.into()));
            assert_eq!(*tier, shown, "{}", entity.code);
        }
        for file in &entity.files {
            let hash = &SAMPLE.intake.files[*file].sha256;
            for name in &names[..2] {
                assert!(words(sheet(&sheets, name)).contains(hash), "{name}");
            }
        }
        for (other, _) in payees.iter().filter(|(code, _)| *code != entity.code) {
            let name = name_of(&SAMPLE.intake.participants, other);
            assert!(
                !content.contains(&format!("{other} {name}")),
                "{} is in the workbook of {}",
                name,
                entity.code
            );
        }
    }
}

#[test]
fn a_final_report_tells_an_entity_what_was_decided_and_links_every_row_that_is_not_paid() {
    let mut unpaid = 0;
    let names = [
        "03-later-tiers-get-what-is-left",
        "05-over-cap-pupil-in-a-later-tier",
        "06-unit-completion",
        "14-cap-frl-first",
        "15-cap-proportional-nearest",
        "16-cap-ceiling-reported",
        "17-capped-money-to-the-next-tier",
    ];
    for calculation in &names.map(vector) {
        assert!(calculation.is_final());
        let workbooks = Workbooks::of(calculation);
        for entity in &reporting_entities(calculation) {
            let bytes = workbooks.entity(entity).unwrap().save_to_buffer().unwrap();
            let own = sheets(&bytes);
            assert_eq!(own[1].0, "What was decided");
            let decided = sheet(&own, "What was decided");
            let listed: Vec<&[Data]> = decided
                .rows()
                .skip_while(|row| row.last() != Some(&Data::String("Go to".into())))
                .skip(1)
                .collect();
            let expected: Vec<String> = entity
                .rows
                .iter()
                .map(|row| calculation.decisions[*row])
                .filter(|decision| decision.outcome != Outcome::Paid)
                .map(|decision| decision.outcome.label().to_string())
                .collect();
            let outcomes: Vec<String> = listed.iter().map(|row| row[0].to_string()).collect();
            assert_eq!(outcomes, expected);
            assert!(listed.iter().all(|row| row[6].to_string().starts_with('A')));
            // What could be done about a code is for a report that is not final.
            assert!(!words(decided).contains("What to do"));
            unpaid += expected.len();
        }
    }
    assert!(unpaid > 0);
}
