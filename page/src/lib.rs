//! The engine of the district's page: the checks of cdip behind three functions that a script can call.
//!
//! The page asks for room, puts a request into it, and calls. A request is the length of its JSON (4 bytes, little-endian), the JSON,
//! and any bytes that belong to it. The answer has the same form. Only this memory is shared.

mod engine;
mod example;
mod expect;
mod grid;
#[cfg(test)]
mod tests;
mod verdict;

use std::cell::RefCell;

pub use engine::Engine;
use serde_json::{Value, json};

/// The page's one engine, and the bytes that go in and out.
#[derive(Default)]
struct Desk {
    engine: Option<Engine>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// Bytes before the JSON: its length.
const LENGTH_BYTES: usize = 4;

/// Reserves room for a request of so many bytes.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn request(len: usize) -> *mut u8 {
    DESK.with_borrow_mut(|desk| {
        desk.request = vec![0; len];
        desk.request.as_mut_ptr()
    })
}

/// Answers the request. Returns the answer's length.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn call() -> usize {
    DESK.with_borrow_mut(|desk| {
        let request = std::mem::take(&mut desk.request);
        desk.answer = answer(&mut desk.engine, &request);
        desk.answer.len()
    })
}

/// The address of the answer.
#[allow(unsafe_code)]
#[unsafe(no_mangle)]
pub extern "C" fn answer_at() -> *const u8 {
    DESK.with_borrow(|desk| desk.answer.as_ptr())
}

/// The answer to a request; an error is an answer too.
pub fn answer(engine: &mut Option<Engine>, request: &[u8]) -> Vec<u8> {
    let Some((head, bytes)) = split(request) else {
        return packed(&json!({ "error": "the request is damaged" }), &[]);
    };
    match engine::answer(engine, &head, bytes) {
        Ok((value, bytes)) => packed(&value, &bytes),
        Err(stop) => packed(&json!({ "error": stop.message, "fix": stop.fix }), &[]),
    }
}

fn split(request: &[u8]) -> Option<(Value, &[u8])> {
    let (length, rest) = request.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (head, bytes) = rest.split_at_checked(length)?;
    Some((serde_json::from_slice(head).ok()?, bytes))
}

fn packed(value: &Value, bytes: &[u8]) -> Vec<u8> {
    let head = value.to_string();
    let length = u32::try_from(head.len()).unwrap_or(0);
    let mut packed = Vec::with_capacity(LENGTH_BYTES + head.len() + bytes.len());
    packed.extend_from_slice(&length.to_le_bytes());
    packed.extend_from_slice(head.as_bytes());
    packed.extend_from_slice(bytes);
    packed
}
