//! The figures of the tiers.

use super::*;

#[test]
fn the_tiers_add_up_and_only_a_capped_one_is_said_to_be_within_a_cap() {
    for name in ["02-full-funding", "04-cap-ten-percent"] {
        let calculation = vector(name);
        let sheets = sheets(&statewide(&calculation));
        let tiers = sheet(&sheets, "Tiers");
        let results = &calculation.allocation.tiers;
        let totals: Vec<&[Data]> = tiers
            .rows()
            .filter(|line| line[0] == Data::String("Total".to_string()))
            .collect();
        let [units, money] = totals[..] else {
            panic!("{} totals", totals.len())
        };
        let sum = |of: fn(&crate::allocation::TierResult) -> u64| {
            Data::Float(
                u32::try_from(results.iter().map(of).sum::<u64>())
                    .unwrap()
                    .into(),
            )
        };
        assert_eq!(units[2], sum(|tier| tier.certificates));
        assert_eq!(
            units[8..11],
            [
                sum(|tier| tier.over_cap),
                sum(|tier| tier.units),
                sum(|tier| tier.frl_units)
            ]
        );
        assert_eq!(cents(&money[7]), calculation.allocation.paid().cents());
        for (tier, result) in calculation.batch.rules.tiers.iter().zip(results) {
            let line = tiers
                .rows()
                .find(|line| line[0] == Data::String(format!("Tier {}", tier.number)))
                .unwrap();
            let within = result.cap.is_some() && result.units > 0;
            assert_eq!(
                line[2].to_string().contains("within the cap"),
                within,
                "{}",
                tier.number
            );
        }
    }
}
