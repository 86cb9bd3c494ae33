//! The engine of the page: a clerk's file is chosen, checked, corrected by every proposal, written and checked again. It is not among
//! the targets of `lib.rs`: those the program's own tests include, which know nothing of the page. The page's do (`page/tests/corpus.rs`).

use std::sync::LazyLock;

use cdip::batch::Batch;
use cdip::batch::reading::read_lists;
use cdip::kit::Kit;
use cdip_page::{Engine, answer};
use serde_json::{Value, json};

/// What the page of the sample carries.
static KIT: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/statewide-2024-25");
    let batch = Batch::open(sample.as_ref()).unwrap();
    let lists = read_lists(&batch).unwrap();
    let kit = Kit::of(&batch, (&lists.programs, &lists.participants), None);
    serde_json::to_vec(&kit).unwrap()
});

/// Files by the first byte of an input.
const NAMES: [&str; 4] = ["0010.csv", "0010.xlsx", "0010.ods", "0010.xls"];

/// The first byte is the kind of file, or `?` for a bare request.
pub fn run(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    let mut engine = None;
    ask(&mut engine, &json!({ "verb": "open" }), &KIT);
    if *kind == b'?' {
        // A request as a script could make it.
        whatever(&mut engine, bytes);
        return;
    }
    let name = NAMES[usize::from(*kind) % NAMES.len()];
    ask(&mut engine, &json!({ "verb": "add", "name": name }), bytes);
    let Some((first, _)) = checked(&mut engine, &json!({})) else {
        return;
    };
    let confirmed = all_proposals(&first);
    let Some((after, counts)) = checked(&mut engine, &confirmed) else {
        return;
    };
    let request = json!({ "verb": "corrected", "file": 0, "confirmed": confirmed });
    let Some((_, copy)) = ask(&mut engine, &request, &[]) else {
        return;
    };
    ask(&mut engine, &json!({ "verb": "forget" }), &[]);
    ask(
        &mut engine,
        &json!({ "verb": "add", "name": "0010-corrected.xlsx" }),
        &copy,
    );
    let (again, of_the_copy) = checked(&mut engine, &json!({})).expect("its own copy is read");
    assert_eq!(counts, of_the_copy, "{after}\n{again}");
}

/// Answers, and takes the answer apart: none where the engine says what is wrong.
fn ask(engine: &mut Option<Engine>, request: &Value, bytes: &[u8]) -> Option<(Value, Vec<u8>)> {
    let head = request.to_string().into_bytes();
    let mut packed = u32::try_from(head.len()).unwrap().to_le_bytes().to_vec();
    packed.extend_from_slice(&head);
    packed.extend_from_slice(bytes);
    whatever(engine, &packed)
}

fn whatever(engine: &mut Option<Engine>, request: &[u8]) -> Option<(Value, Vec<u8>)> {
    let answer = answer(engine, request);
    let (length, rest) = answer.split_first_chunk::<4>().unwrap();
    let (head, bytes) = rest.split_at(u32::from_le_bytes(*length) as usize);
    let head: Value = serde_json::from_slice(head).unwrap();
    head.get("error").is_none().then(|| (head, bytes.to_vec()))
}

/// A check, and its four numbers, which are those of its rows.
fn checked(engine: &mut Option<Engine>, confirmed: &Value) -> Option<(Value, [u64; 5])> {
    let (answer, _) = ask(
        engine,
        &json!({ "verb": "check", "confirmed": confirmed }),
        &[],
    )?;
    let counts = ["total", "ready", "look", "fix", "nothing"]
        .map(|key| answer["counts"][key].as_u64().unwrap_or(0));
    assert_eq!(counts[0], counts[1..].iter().sum::<u64>(), "{answer}");
    Some((answer, counts))
}

/// The first proposal of every cell, and every row left out that may be.
fn all_proposals(answer: &Value) -> Value {
    let (mut fixes, mut left_out) = (Vec::new(), Vec::new());
    let none = Vec::new();
    let groups = answer["groups"].as_array().unwrap_or(&none);
    for item in groups
        .iter()
        .flat_map(|group| group["items"].as_array().unwrap_or(&none))
    {
        let mut place = item["place"].clone();
        if item["leave_out"] == true {
            left_out.push(place);
        } else if let Some(proposal) = item["proposals"].as_array().and_then(|all| all.first()) {
            place["key"] = item["key"].clone();
            place["value"] = proposal["value"].clone();
            fixes.push(place);
        }
    }
    json!({ "fixes": fixes, "left_out": left_out })
}
