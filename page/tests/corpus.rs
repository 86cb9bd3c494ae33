//! The committed corpus of the page's fuzzer (`fuzz/README.md`), without the fuzzer.

#[path = "../../fuzz/src/page.rs"]
mod page;

#[test]
fn every_input_of_the_corpus_keeps_what_the_fuzzer_checks() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/page");
    let mut inputs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    inputs.sort();
    assert!(!inputs.is_empty());
    for input in inputs {
        let bytes = std::fs::read(&input).unwrap();
        let kept = std::panic::catch_unwind(|| page::run(&bytes));
        assert!(
            kept.is_ok(),
            "{} breaks what the target checks",
            input.display()
        );
    }
}
