#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cdip_fuzz::lists::run(data));
