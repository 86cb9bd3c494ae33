use cdip::intake::{Layout, Lists, read_in_memory};
use std::cell::RefCell;
thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}
#[unsafe(no_mangle)]
pub extern "C" fn input(len: usize) -> *mut u8 {
    INPUT.with_borrow_mut(|input| {
        *input = vec![0; len];
        input.as_mut_ptr()
    })
}
#[unsafe(no_mangle)]
pub extern "C" fn call() -> usize {
    INPUT.with_borrow(|input| {
        read_in_memory(&[("a.xlsx", input)], &Layout::default(), Lists::default())
            .map_or(0, |i| i.completions.len())
    })
}
