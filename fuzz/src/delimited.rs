//! A submission as delimited text, in whatever encoding.

use cdip::intake::Layout;
use cdip::intake::text::DELIMITERS;

use super::submission;

/// The first byte says whether the delimiter is given, and which; the rest is the file.
pub fn run(data: &[u8]) {
    let Some((choice, bytes)) = data.split_first() else {
        return;
    };
    let delimiter = DELIMITERS
        .get(usize::from(*choice) % (DELIMITERS.len() + 1))
        .map(|(delimiter, _)| *delimiter);
    let layout = Layout {
        delimiter,
        ..Layout::default()
    };
    let path = "submissions/0010.csv";
    let intake = submission::read(path, bytes, &layout);
    // What its first bytes make a workbook, or its mark or its zeros a text of another encoding, would no longer be one with a
    // line before it.
    let plain = std::str::from_utf8(bytes)
        .is_ok_and(|text| !text.starts_with("PK\u{3}\u{4}") && !text.contains(['\u{feff}', '\0']));
    if plain {
        let lower = submission::read(path, &[b"\n", bytes].concat(), &layout);
        assert_eq!(
            lower.files[0].refused, intake.files[0].refused,
            "a blank line above changes nothing"
        );
        let expected: Vec<_> = submission::texts(&intake)
            .into_iter()
            .map(|(row, texts)| (row + 1, texts))
            .collect();
        assert_eq!(
            submission::texts(&lower),
            expected,
            "a blank line above only moves the rows down"
        );
    }
}
