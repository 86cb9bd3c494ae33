#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cdip_fuzz::payments::run(data));
