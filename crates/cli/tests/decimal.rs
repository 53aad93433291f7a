//! `exacta stats --decimal` in the real binary.

mod common;

use common::run;

const TENTHS: &[u8] = b"price\n1000000000.1\n1000000000.2\n1000000000.3\n";

#[test]
fn numbers_count_as_they_are_written() {
    let asked = ["stats", "-s", "sum,stddev", "--exact", "--json"];
    let binary = run(&asked, TENTHS);
    assert!(!binary.stdout.contains("\"stddev\":0.1,"), "{}", binary.stdout);
    let decimal = run(&[&asked[..], &["--decimal"]].concat(), TENTHS);
    assert_eq!(decimal.code, Some(0), "{}", decimal.stderr);
    let expected =
        ["\"sum\":3000000000.6,", "\"stddev\":0.1", "\"exact\":{\"sum\":\"3000000000.6\"}"];
    for expected in expected {
        assert!(decimal.stdout.contains(expected), "{expected}: {}", decimal.stdout);
    }
}

/// Without -s and -q there are no quartiles, which decimals do not offer.
#[test]
fn what_is_offered_is_the_default_and_the_rest_is_refused() {
    let table = run(&["stats", "--decimal"], TENTHS);
    assert_eq!((table.code, table.stderr.as_str()), (Some(0), ""));
    assert!(!table.stdout.contains("q("), "{}", table.stdout);
    let refused = [["-s", "median"], ["-q", "0.5"], ["--by", "price"], ["--from", "f64"]];
    for arguments in refused {
        let refused = run(&[&["stats", "--decimal"], &arguments[..]].concat(), TENTHS);
        assert_eq!(refused.code, Some(2), "{arguments:?}: {}", refused.stderr);
        assert!(refused.stderr.contains("leave out --decimal"), "{}", refused.stderr);
    }
    let beyond = run(&["stats", "--decimal"], b"1\n1e300\n");
    assert_eq!(beyond.code, Some(3));
    assert!(beyond.stderr.contains(":2:1: `1e300` in column `1`"), "{}", beyond.stderr);
}
