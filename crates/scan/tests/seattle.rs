//! A real file: daily weather in Seattle. The expected bits are those that Python's `statistics` gives
//! (`mean`, `stdev`, `median`) and `fractions` (the exact sum, rounded once).

use std::fs::File;

use exacta::{Plan, Statistic};
use exacta_scan::{Kind, Place, ScanOptions, Table, Warning, scan_csv};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/data/seattle-weather.csv");

const STATISTICS: [Statistic; 6] = [
    Statistic::Sum,
    Statistic::Mean,
    Statistic::Stddev,
    Statistic::Min,
    Statistic::Max,
    Statistic::Median,
];

fn scan(options: &ScanOptions) -> Table {
    scan_csv(File::open(PATH).unwrap(), options, &Plan::new(STATISTICS)).unwrap()
}

fn check(table: &Table, name: &str, expected: [u64; 6]) {
    let column = table.columns.iter().find(|column| column.name == name).unwrap();
    let summary = column.partial.finalize(&Plan::new(STATISTICS)).unwrap();
    assert_eq!(summary.counts().count, 1461);
    for (statistic, expected) in STATISTICS.into_iter().zip(expected) {
        let bits = summary.get(statistic).unwrap().bits().unwrap();
        assert_eq!(bits, expected, "{statistic} of {name}: {bits:016x}, not {expected:016x}");
    }
}

#[test]
fn numbers_are_those_of_python() {
    let table = scan(&ScanOptions::default());
    assert_eq!(table.rows, 1461);
    check(
        &table,
        "precipitation",
        [
            0x40b1_4a00_0000_0000,
            0x4008_3c46_ca34_eacc,
            0x401a_b884_dc45_1115,
            0x0000_0000_0000_0000,
            0x404b_f333_3333_3333,
            0x0000_0000_0000_0000,
        ],
    );
    check(
        &table,
        "temp_max",
        [
            0x40d7_7460_0000_0000,
            0x4030_7067_bb50_13a0,
            0x401d_6626_fc96_b14d,
            0xbff9_9999_9999_999a,
            0x4041_cccc_cccc_cccd,
            0x402f_3333_3333_3333,
        ],
    );
    check(
        &table,
        "temp_min",
        [
            0x40c7_7f80_0000_0000,
            0x4020_7833_dda8_09d0,
            0x4014_178e_6862_6b73,
            0xc01c_6666_6666_6666,
            0x4032_4ccc_cccc_cccd,
            0x4020_9999_9999_999a,
        ],
    );
    check(
        &table,
        "wind",
        [
            0x40b2_7f4c_cccc_cccd,
            0x4009_edd8_d1fc_90ce,
            0x3ff7_0154_d953_c5b2,
            0x3fd9_9999_9999_999a,
            0x4023_0000_0000_0000,
            0x4008_0000_0000_0000,
        ],
    );
}

#[test]
fn its_two_columns_of_text_are_told() {
    let table = scan(&ScanOptions::default());
    let text: Vec<_> = table.columns.iter().filter(|column| column.kind == Kind::Text).collect();
    let names: Vec<_> = text.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["date", "weather"]);
    assert!(text.iter().all(|column| column.partial.counts().invalid == 1461));
    let place = |column, offset| Place::Text { line: 2, column, offset };
    assert_eq!(
        table.warnings,
        [
            Warning::TextColumn { name: "date".to_owned(), place: place(1, 50) },
            Warning::TextColumn { name: "weather".to_owned(), place: place(29, 78) },
        ]
    );
}

#[test]
fn columns_asked_for_are_those_given() {
    let columns = ["wind", "temp_max"].map(str::to_owned).to_vec();
    let table = scan(&ScanOptions { columns, ..ScanOptions::default() });
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["wind", "temp_max"]);
    assert_eq!(table.warnings, []);
}
