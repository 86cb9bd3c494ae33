//! Requests of the page to the engine, without a browser.

use std::path::Path;

use cdip::batch::Batch;
use cdip::batch::reading::read_lists;
use cdip::intake::limits::FILE_BYTES_MAX;
use cdip::kit::Kit;
use serde_json::{Value, json};

use crate::engine::{Engine, answer};

fn opened() -> Option<Engine> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/statewide-2024-25");
    let batch = Batch::open(&root).unwrap();
    let lists = read_lists(&batch).unwrap();
    let kit = Kit::of(&batch, (&lists.programs, &lists.participants), None);
    let mut engine = None;
    let kit = serde_json::to_vec(&kit).unwrap();
    answer(&mut engine, &json!({ "verb": "open" }), &kit).unwrap();
    engine
}

#[allow(clippy::needless_pass_by_value)]
fn ask(engine: &mut Option<Engine>, request: Value, bytes: &[u8]) -> (Value, Vec<u8>) {
    answer(engine, &request, bytes).unwrap_or_else(|stop| panic!("{request}: {}", stop.message))
}

fn example(engine: &mut Option<Engine>) -> String {
    let (about, bytes) = ask(engine, json!({ "verb": "example" }), &[]);
    let name = about["name"].as_str().unwrap().to_string();
    ask(engine, json!({ "verb": "add", "name": name }), &bytes);
    name
}

fn check(engine: &mut Option<Engine>, confirmed: &Value) -> Value {
    ask(
        engine,
        json!({ "verb": "check", "confirmed": confirmed }),
        &[],
    )
    .0
}

fn items(answer: &Value) -> Vec<&Value> {
    let groups = answer["groups"].as_array().unwrap().iter();
    groups
        .flat_map(|group| group["items"].as_array().unwrap())
        .collect()
}

#[test]
fn every_row_is_in_exactly_one_of_the_four_numbers() {
    let mut engine = opened();
    example(&mut engine);
    let answer = check(&mut engine, &json!({}));
    let counts = &answer["counts"];
    let number = |key: &str| counts[key].as_u64().unwrap();
    // 14 completions and a total row.
    assert_eq!(number("total"), 15);
    assert_eq!(
        number("ready") + number("look") + number("fix") + number("nothing"),
        15
    );
    // Last year's date and grade 8 are facts: nothing to change.
    assert_eq!(number("nothing"), 2);
    assert!(
        answer["verdict"]["text"]
            .as_str()
            .unwrap()
            .starts_with("Not ready: ")
    );
}

#[test]
fn a_total_is_one_thing_to_do_and_not_a_fault_in_each_of_its_cells() {
    let mut engine = opened();
    example(&mut engine);
    let answer = check(&mut engine, &json!({}));
    let of_the_total: Vec<&Value> = items(&answer)
        .into_iter()
        .filter(|item| item["row"] == 16)
        .collect();
    assert_eq!(of_the_total.len(), 1);
    assert_eq!(of_the_total[0]["leave_out"], true);
}

#[test]
fn with_every_proposal_taken_only_what_she_alone_knows_is_left_and_the_copy_says_the_same() {
    let mut engine = opened();
    let name = example(&mut engine);
    let answer = check(&mut engine, &json!({}));
    let mut fixes = Vec::new();
    let mut left_out = Vec::new();
    for item in items(&answer) {
        let mut fix = item["place"].clone();
        if item["leave_out"] == true {
            left_out.push(fix);
        } else if let Some(proposal) = item["proposals"].as_array().and_then(|all| all.first()) {
            fix["key"] = item["key"].clone();
            fix["value"] = proposal["value"].clone();
            fixes.push(fix);
        }
    }
    // The look-alike code, the dash, the grade, the other district.
    assert_eq!(fixes.len(), 4, "{fixes:?}");
    let confirmed = json!({ "fixes": fixes, "left_out": left_out });
    let after = check(&mut engine, &confirmed);
    let left: Vec<&str> = items(&after)
        .into_iter()
        .filter_map(|item| item["code"].as_str())
        .filter(|code| !code.starts_with('W'))
        .collect();
    assert_eq!(
        left,
        ["E203", "E203", "E206", "E208", "N302", "N303"],
        "{left:?}"
    );

    let (_, bytes) = ask(
        &mut engine,
        json!({ "verb": "corrected", "file": 0, "confirmed": confirmed }),
        &[],
    );
    ask(&mut engine, json!({ "verb": "forget" }), &[]);
    let copy = name.replace(".csv", "-corrected.xlsx");
    ask(&mut engine, json!({ "verb": "add", "name": copy }), &bytes);
    let again = check(&mut engine, &json!({}));
    assert_eq!(again["counts"], after["counts"]);
    assert_eq!(again["verdict"], after["verdict"]);
}

#[test]
fn an_export_with_its_own_headings_and_without_a_district_is_checked_once_they_are_confirmed() {
    let mut engine = opened();
    let export = "Last Name,State Student Number,Bldg,Gr,Cert Code,Earned Dt,Meal Code\n\
        Doe,9000000001,0101,12,IC101,5/17/2024,Free\n\
        Roe,9000000002,0101,11,IC102,5/18/2024,Paid\n";
    let (look, _) = ask(
        &mut engine,
        json!({ "verb": "add", "name": "export.csv" }),
        export.as_bytes(),
    );
    let guessed: Vec<(&str, Option<&str>)> = look["sheets"][0]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| (column["heading"].as_str().unwrap(), column["key"].as_str()))
        .collect();
    assert_eq!(
        guessed,
        [
            ("Last Name", None),
            ("State Student Number", Some("sasid")),
            ("Bldg", Some("school_code")),
            ("Gr", Some("grade")),
            ("Cert Code", Some("program_code")),
            ("Earned Dt", Some("completion_date")),
            ("Meal Code", Some("free_reduced_lunch")),
        ]
    );
    let columns: serde_json::Map<String, Value> = guessed
        .iter()
        .filter_map(|(heading, key)| Some(((*key)?.to_string(), json!(heading))))
        .collect();
    let confirmed =
        json!({ "columns": columns, "constants": { "district_code": "0017" }, "entity": "0017" });
    let answer = check(&mut engine, &confirmed);
    assert_eq!(answer["counts"]["total"], 2);
    assert_eq!(answer["entity"]["code"], "0017");

    // The copy has the state's headings, the district, and still the name that was never read.
    let (_, bytes) = ask(
        &mut engine,
        json!({ "verb": "corrected", "file": 0, "confirmed": confirmed }),
        &[],
    );
    ask(&mut engine, json!({ "verb": "forget" }), &[]);
    let (look, _) = ask(
        &mut engine,
        json!({ "verb": "add", "name": "0017 export-corrected.xlsx" }),
        &bytes,
    );
    assert_eq!(look["sheets"][0]["plain"], true);
    let again = check(&mut engine, &json!({}));
    assert_eq!(again["counts"], answer["counts"]);
}

#[test]
fn a_copy_to_send_has_the_states_columns_only_and_no_name() {
    let mut engine = opened();
    let export = "Last Name,SASID,School Code,Grade,Program Code,Completion Date,Free/Reduced Lunch\n\
        Doe,9000000001,0101,12,IC101,5/17/2024,Free\n";
    ask(
        &mut engine,
        json!({ "verb": "add", "name": "0017.csv" }),
        export.as_bytes(),
    );
    let confirmed = json!({ "constants": { "district_code": "0017" } });
    let before = check(&mut engine, &confirmed);
    let (_, only) = ask(
        &mut engine,
        json!({ "verb": "corrected", "file": 0, "confirmed": confirmed, "only": true }),
        &[],
    );
    ask(&mut engine, json!({ "verb": "forget" }), &[]);
    let (look, _) = ask(
        &mut engine,
        json!({ "verb": "add", "name": "0017.xlsx" }),
        &only,
    );
    let columns = look["sheets"][0]["columns"].as_array().unwrap().iter();
    let headings: Vec<&str> = columns
        .filter_map(|column| column["heading"].as_str())
        .collect();
    assert_eq!(
        headings,
        [
            "SASID",
            "School Code",
            "Grade",
            "Program Code",
            "Completion Date",
            "Free/Reduced Lunch",
            "District Code"
        ]
    );
    assert_eq!(check(&mut engine, &json!({}))["counts"], before["counts"]);
}

#[test]
fn the_table_is_a_window_of_her_columns_in_her_order() {
    let mut engine = opened();
    example(&mut engine);
    check(&mut engine, &json!({}));
    let window = |engine: &mut Option<Engine>, which: &str| {
        let request = json!({ "verb": "rows", "file": 0, "sheet": 0, "which": which, "from": 0, "count": 5, "find": 4 });
        ask(engine, request, &[]).0
    };
    let all = window(&mut engine, "all");
    assert_eq!(
        (all["total"].as_u64(), all["rows"].as_array().unwrap().len()),
        (Some(15), 5)
    );
    // Row 1 holds the headings, so row 4 is the third.
    assert_eq!(all["at"], 2);
    assert_eq!(all["columns"][2]["heading"], "SASID");
    let faulty = window(&mut engine, "fix");
    assert!(faulty["total"].as_u64() < all["total"].as_u64());
    assert_eq!(faulty["rows"][0]["row"], 4);
}

#[test]
fn what_the_page_knows_of_a_year_is_what_the_rules_and_the_limits_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples/statewide-2024-25");
    let mut batch = Batch::open(&root).unwrap();
    batch.rules.grades = vec![11, 12];
    let lists = read_lists(&batch).unwrap();
    let kit = Kit::of(&batch, (&lists.programs, &lists.participants), None);
    let kit = serde_json::to_vec(&kit).unwrap();
    let (about, _) = ask(&mut None, json!({ "verb": "open" }), &kit);
    let choices = |key: &str| {
        let mut fields = about["fields"].as_array().unwrap().iter();
        fields.find(|field| field["key"] == key).unwrap()["choices"].clone()
    };
    assert_eq!(choices("grade"), json!(["11", "12"]));
    assert_eq!(choices("graduation_credit"), json!(["Yes", "No"]));
    assert_eq!(choices("completion_date"), json!([]));
    assert_eq!(about["file_bytes_max"], FILE_BYTES_MAX);
}

#[test]
fn each_text_file_is_read_with_its_own_delimiter_if_the_headings_of_one_are_confirmed() {
    let mut engine = opened();
    let export = "Last Name,District Code,State Student Number,Bldg,Gr,Cert Code,Earned Dt,Meal Code\n\
        Doe,0017,9000000001,0101,12,IC101,5/17/2024,Free\n\
        Roe,0017,9000000002,0101,11,IC102,5/18/2024,Paid\n";
    let sound =
        "District Code,School Code,SASID,Grade,Program Code,Completion Date,Free/Reduced Lunch\n\
        0017,0101,9000000003,12,IC101,5/17/2024,No\n"
            .replace(',', "\t");
    let mut add = |name: &str, bytes: &str| {
        let request = json!({ "verb": "add", "name": name });
        ask(&mut engine, request, bytes.as_bytes()).0
    };
    let look = add("0017 export.csv", export);
    let plain = add("0017 sound.txt", &sound);
    assert_eq!(look["delimiter"], b',');
    assert_eq!(plain["sheets"][0]["plain"], true);
    let columns = look["sheets"][0]["columns"].as_array().unwrap().iter();
    let columns: serde_json::Map<String, Value> = columns
        .filter_map(|column| Some((column["key"].as_str()?.into(), column["heading"].clone())))
        .collect();
    let confirmed =
        json!({ "columns": columns, "delimiters": { "0017 export.csv": look["delimiter"] } });
    let answer = check(&mut engine, &confirmed);
    let rows = |at: usize| answer["files"][at]["rows"].as_u64();
    assert_eq!((rows(0), rows(1)), (Some(2), Some(1)), "{answer}");

    // The copies too.
    let mut copy = |verb: &str| {
        let request =
            json!({ "verb": verb, "file": 1, "confirmed": confirmed, "name": "0017 copy.xlsx" });
        ask(&mut engine, request, &[]).1
    };
    assert!(copy("marked").starts_with(b"PK"));
    let corrected = copy("corrected");
    ask(&mut engine, json!({ "verb": "forget" }), &[]);
    let request = json!({ "verb": "add", "name": "0017 copy.xlsx" });
    ask(&mut engine, request, &corrected);
    assert_eq!(check(&mut engine, &json!({}))["counts"]["total"], 1);
}
